// The rows of CSV: the first line names the fields unless `columns` does, each other record is a row. One with too many or
// too few cells, or with a cell that cannot be read, is a row like others, with its violations.

import { detectDelimiter, namedDelimiter } from '../csv/csv-delimiter.ts'
import { CsvReader, type CsvRecord } from '../csv/csv-reader.ts'
import type { Cell } from '../csv/csv-record.ts'
import type { Violation } from '../errors/problem.ts'
import { quantity } from '../errors/quantity.ts'
import { errors } from '../errors.ts'
import { below } from '../fields/violation.ts'
import type { CsvFormat } from './csv-format.ts'
import { type Column, countNames, type HeaderRules, readHeader } from './csv-header.ts'
import type { IncomingRow, RowParser } from './incoming-row.ts'

export interface CsvOptions extends HeaderRules {
  format: CsvFormat
  /** Characters that a row may have. */
  longest: number
  /** An empty cell leaves its field to the default instead of setting null. */
  emptyIsMissing: boolean
}

/** Characters of a line `sep=;` with its end. */
const SEPARATOR_LINE_LENGTH = 7

export class CsvRows implements RowParser {
  readonly #options: CsvOptions
  #reader: CsvReader | undefined
  #columns: Column[] | undefined
  /** The text before the delimiter is known. */
  #start = ''

  constructor(options: CsvOptions) {
    this.#options = options
    if (!options.format.hasHeader) this.#columns = readHeader(namesWithoutHeader(options), options)
  }

  read(piece: string): IncomingRow[] {
    if (this.#reader !== undefined) return this.#rows(this.#reader.read(piece))
    this.#start += piece
    return this.#begin(this.#start.length > this.#options.longest)
  }

  end(): IncomingRow[] {
    const rows = this.#reader === undefined ? this.#begin(true) : []
    if (this.#reader !== undefined) rows.push(...this.#rows(this.#reader.end()))
    if (this.#columns === undefined)
      throw errors.malformedBody('The body is empty; the first line of CSV names the fields.')
    return rows
  }

  /** Begins to read once the delimiter is known. */
  #begin(isFinal: boolean): IncomingRow[] {
    if (!isFinal && this.#start.length < SEPARATOR_LINE_LENGTH) return []
    const named = namedDelimiter(this.#start)
    const text = this.#start.slice(named?.length ?? 0)
    const { format, longest } = this.#options
    const delimiter =
      format.delimiter ?? named?.delimiter ?? detectDelimiter(text, isFinal, (cells) => this.#score(cells))
    if (delimiter === undefined) return []
    const linesBefore = named === undefined ? 0 : 1
    this.#reader = new CsvReader({ longest, delimiter, nullWord: format.nullWord, linesBefore })
    this.#start = ''
    return this.#rows(this.#reader.read(text))
  }

  /** How well the cells of the first record are those of this body. */
  #score(cells: readonly Cell[]): number {
    return this.#columns === undefined
      ? countNames(cells, this.#options)
      : Number(cells.length === this.#columns.length)
  }

  #rows(records: CsvRecord[]): IncomingRow[] {
    const header = this.#columns === undefined ? records.shift() : undefined
    if (header !== undefined) this.#columns = readHeader(header.cells, this.#options)
    const columns = this.#columns ?? []
    return records.map((record) => this.#row(record, columns))
  }

  #row({ cells, line }: CsvRecord, columns: readonly Column[]): IncomingRow {
    if (cells.length !== columns.length) {
      const named = this.#options.format.hasHeader ? 'the header has' : 'columns names'
      const message = `has ${quantity(cells.length, 'cell')} where ${named} ${columns.length}`
      return { body: undefined, violations: [{ pointer: '', keyword: 'cells', message }], line }
    }
    const body: Record<string, unknown> = {}
    const violations: Violation[] = []
    for (const [at, column] of columns.entries()) {
      const cell = cells[at] ?? null
      if (column === null || (cell === null && this.#mayBeMissing(column))) continue
      const read = cell === null ? { value: null } : column.read(cell)
      if ('value' in read) body[column.name] = read.value
      else violations.push(...below(column.name, read.violations))
    }
    return { body, violations, line }
  }

  /** A row without an id is a new record. */
  #mayBeMissing({ name }: { name: string }): boolean {
    return this.#options.emptyIsMissing || this.#options.system.has(name)
  }
}

/** The names of the columns in their order; errors.invalidParameter when nothing gives them. */
function namesWithoutHeader({ columns, sources }: HeaderRules): string[] {
  const hint = 'Write ?columns=name,age with the fields in the order of the cells.'
  if (columns === undefined) throw errors.invalidParameter('A body without a header needs columns.', hint)
  return columns.map((name) => sources.get(name) ?? name)
}
