// The format of a CSV body as its Content-Type states it: the character that separates cells, whether the first line is a
// header (RFC 4180, 3), and the word for null.
import { errors } from '../errors.ts'
import type { ContentType } from '../http/media-type.ts'

export interface CsvFormat {
  /** Undefined: it is detected. */
  delimiter: string | undefined
  hasHeader: boolean
  /** What an unquoted cell says for null, beside the empty one. */
  nullWord: string | undefined
}

export const TSV_TYPE = 'text/tab-separated-values'

const NAMED_DELIMITERS: ReadonlyMap<string, string> = new Map([
  ['comma', ','],
  ['semicolon', ';'],
  ['tab', '\t'],
  ['\\t', '\t'],
  ['pipe', '|'],
  // `delimiter=;` without quotes is an empty parameter by the grammar.
  ['', ';'],
])

const ONE_CHARACTER = /^[^"\r\n\ud800-\udfff]$/

const HEADER: ReadonlyMap<string, boolean> = new Map([
  ['present', true],
  ['absent', false],
])

/** The format that the Content-Type states; errors.invalidParameter. */
export function parseCsvFormat({ type, parameters }: ContentType): CsvFormat {
  const delimiter = parseDelimiter(parameters.get('delimiter')) ?? (type === TSV_TYPE ? '\t' : undefined)
  const header = parameters.get('header') ?? 'present'
  const hasHeader = HEADER.get(header.toLowerCase())
  if (hasHeader === undefined)
    throw errors.invalidParameter(
      `header of the Content-Type is present or absent, not "${shortened(header)}".`,
    )
  return { delimiter, hasHeader, nullWord: parameters.get('null') }
}

function parseDelimiter(given: string | undefined): string | undefined {
  if (given === undefined) return undefined
  const delimiter = NAMED_DELIMITERS.get(given.toLowerCase()) ?? given
  if (ONE_CHARACTER.test(delimiter)) return delimiter
  const allowed = 'one character that is no quote, in quotes as in delimiter=";", or tab'
  throw errors.invalidParameter(`delimiter of the Content-Type is ${allowed}; not "${shortened(given)}".`)
}

const shortened = (text: string) => text.slice(0, 40)
