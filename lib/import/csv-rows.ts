// The rows of CSV: the first line names the fields, each other line is a record. A line with too many or too few cells, or
// with a cell that cannot be read, is a row like others, with what stands against it.

import { type Cell, CsvReader } from '../csv/csv-reader.ts'
import type { Violation } from '../errors/problem.ts'
import { errors } from '../errors.ts'
import { below } from '../fields/violation.ts'
import { type Column, type HeaderRules, readHeader } from './csv-header.ts'
import type { IncomingRow, RowParser } from './incoming-row.ts'

export interface CsvOptions extends HeaderRules {
  /** Characters that a row may have. */
  longest: number
  /** An empty cell leaves its field to the default instead of setting null. */
  emptyIsMissing: boolean
}

export class CsvRows implements RowParser {
  readonly #reader: CsvReader
  readonly #options: CsvOptions
  #columns: Column[] | undefined

  constructor(options: CsvOptions) {
    this.#reader = new CsvReader(options.longest)
    this.#options = options
  }

  read(piece: string): IncomingRow[] {
    return this.#rows(this.#reader.read(piece))
  }

  end(): IncomingRow[] {
    const rows = this.#rows(this.#reader.end())
    if (this.#columns === undefined)
      throw errors.malformedBody('The body is empty; the first line of CSV names the fields.')
    return rows
  }

  #rows(records: Cell[][]): IncomingRow[] {
    const header = this.#columns === undefined ? records.shift() : undefined
    if (header !== undefined) this.#columns = readHeader(header, this.#options)
    return records.map((cells) => this.#row(cells, this.#columns ?? []))
  }

  #row(cells: readonly Cell[], columns: readonly Column[]): IncomingRow {
    if (cells.length !== columns.length) {
      const message = `has ${cells.length} cell${cells.length === 1 ? '' : 's'} where the header has ${columns.length}`
      return { body: undefined, violations: [{ pointer: '', keyword: 'cells', message }] }
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
    return { body, violations }
  }

  /** A row without an id is a new record. */
  #mayBeMissing({ name }: { name: string }): boolean {
    return this.#options.emptyIsMissing || name === 'id'
  }
}
