// Detects which character separates the cells of a CSV, from the text of its first record: the one under which most cells
// are as expected, then the one that makes most cells. A first line `sep=;`, which spreadsheets write and read, decides.
import { type Cell, CsvFault, RecordParser, TooManyCells } from './csv-record.ts'

/** What is tried, the usual one first. */
export const DELIMITERS = [',', ';', '\t', '|'] as const

const SEPARATOR_LINE = /^sep=([^"\r\n])(?:\r\n|[\r\n]|$)/i

/** More cells than any record may have. */
const MANY = Number.MAX_SAFE_INTEGER

const BLANK_LINES = /^[,;\t|\r\n]*[\r\n]/

/** The delimiter that a first line `sep=;` names, and the length of that line; undefined without one. */
export function namedDelimiter(text: string): { delimiter: string; length: number } | undefined {
  const [line, delimiter] = SEPARATOR_LINE.exec(text) ?? []
  return line === undefined || delimiter === undefined ? undefined : { delimiter, length: line.length }
}

/**
 * The delimiter of the text; undefined while its first record has not arrived whole.
 *
 * @param isFinal whether nothing follows the text
 * @param score how many of the cells are as expected
 */
export function detectDelimiter(
  text: string,
  isFinal: boolean,
  score: (cells: readonly Cell[]) => number,
): string | undefined {
  const start = BLANK_LINES.exec(text)?.[0].length ?? 0
  const first = text.slice(start)
  const tried = DELIMITERS.map((delimiter) => ({ delimiter, ...tryDelimiter(first, delimiter, isFinal) }))
  if (tried.some(({ cells }) => cells === undefined)) return undefined
  const ranked = tried.map((one) => ({ ...one, score: score(one.cells ?? []) }))
  ranked.sort((a, b) => b.score - a.score || b.count - a.count)
  return ranked[0]?.delimiter
}

/** The cells of the first record, and how many there are; no cells where the delimiter makes no CSV of it. */
function tryDelimiter(text: string, delimiter: string, isFinal: boolean) {
  try {
    const cells = new RecordParser({ delimiter }).parse(text, 0, isFinal)?.cells
    return { cells, count: cells?.length ?? 0 }
  } catch (error) {
    if (!(error instanceof CsvFault)) throw error
    return { cells: [], count: error instanceof TooManyCells ? MANY : 0 }
  }
}
