// Reads CSV as it arrives: pieces of text in, records out, each with the line at which it begins. Lines that are blank or
// hold nothing but separators, as spreadsheets write them below a table, are skipped. Refuses a record that is too long,
// and what RecordParser refuses, by the number of its line.
import { errors } from '../errors.ts'
import { type Cell, CsvFault, type Dialect, type ParsedRecord, RecordParser } from './csv-record.ts'

export type { Cell } from './csv-record.ts'

export interface CsvRecord {
  cells: Cell[]
  /** The number of the line at which it begins, from 1. */
  line: number
}

export interface ReaderOptions extends Dialect {
  /** Characters that a record may have at most. */
  longest: number
  /** Lines that have gone before. */
  linesBefore?: number
}

export class CsvReader {
  readonly #longest: number
  readonly #parser: RecordParser
  #text = ''
  #line: number
  /** Length of text at which to scan again: an incomplete record is rescanned when it has doubled, not with each piece. */
  #scanFrom = 0

  constructor(options: ReaderOptions) {
    this.#longest = options.longest
    this.#parser = new RecordParser(options)
    this.#line = 1 + (options.linesBefore ?? 0)
  }

  /** Takes the next piece of text; returns the records completed so far. Throws errors.malformedBody. */
  read(piece: string): CsvRecord[] {
    this.#text += piece
    return this.#text.length < this.#scanFrom ? [] : this.#take(false)
  }

  /** Ends the text; returns the records that remain. Throws errors.malformedBody. */
  end(): CsvRecord[] {
    return this.#take(true)
  }

  #take(isFinal: boolean): CsvRecord[] {
    const records: CsvRecord[] = []
    let at = 0
    while (at < this.#text.length) {
      const record = this.#parse(at, isFinal)
      if (record === undefined) break
      const { cells, end, next, lines } = record
      this.#requireShort(next - at)
      if (end - at !== cells.length - 1) records.push({ cells, line: this.#line })
      at = next
      this.#line += lines
    }
    this.#text = this.#text.slice(at)
    this.#requireShort(this.#text.length)
    this.#scanFrom = Math.min(this.#text.length * 2, this.#longest)
    return records
  }

  #parse(at: number, isFinal: boolean): ParsedRecord | undefined {
    try {
      return this.#parser.parse(this.#text, at, isFinal)
    } catch (error) {
      throw error instanceof CsvFault ? this.#refusal(error.message) : error
    }
  }

  #requireShort(length: number): void {
    if (length > this.#longest) throw this.#refusal(`is longer than ${this.#longest} characters`)
  }

  #refusal(problem: string) {
    return errors.malformedBody(`The body is not valid CSV: line ${this.#line} ${problem}.`)
  }
}
