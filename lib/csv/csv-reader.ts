// Reads CSV (RFC 4180) as it arrives: pieces of text in, records as arrays of cells out. Lines end in LF, CRLF or CR; blank
// lines are skipped; a quote inside an unquoted cell is an ordinary character. Unquoted, an empty cell and NULL are null.
// Refuses text after a closing quote, an unclosed quote, and a record that is too long or has too many cells.

import { errors } from '../errors.ts'
import { NULL_WORD } from './csv-line.ts'

export type Cell = string | null

/** Cells of one record: above the number of fields an entity may have, and small enough to read in negligible time. */
const MOST_CELLS = 2000

const unquoted = /[^,\r\n]*/y

export class CsvReader {
  readonly #longest: number
  #text = ''
  #records = 0
  /** Length of text at which to scan again: an incomplete record is rescanned when it has doubled, not with each piece. */
  #scanFrom = 0

  /** @param longest characters that a record may have at most */
  constructor(longest: number) {
    this.#longest = longest
  }

  /** Takes the next piece of text; returns the records completed so far. Throws errors.malformedBody. */
  read(piece: string): Cell[][] {
    this.#text += piece
    return this.#text.length < this.#scanFrom ? [] : this.#take(false)
  }

  /** Ends the text; returns the records that remain. Throws errors.malformedBody. */
  end(): Cell[][] {
    return this.#take(true)
  }

  #take(final: boolean): Cell[][] {
    const records: Cell[][] = []
    let at = 0
    for (;;) {
      const record = at < this.#text.length ? this.#record(at, final) : undefined
      if (record === undefined) break
      this.#requireShort(record.next - at)
      at = record.next
      if (record.isBlank) continue
      records.push(record.cells)
      this.#records += 1
    }
    this.#text = this.#text.slice(at)
    this.#requireShort(this.#text.length)
    this.#scanFrom = Math.min(this.#text.length * 2, this.#longest)
    return records
  }

  #requireShort(length: number): void {
    if (length > this.#longest) this.#fail(`is longer than ${this.#longest} characters`)
  }

  /** The record that begins at `start`; undefined when its end has not arrived yet. */
  #record(start: number, final: boolean) {
    const cells: Cell[] = []
    for (let at = start; ; at += 1) {
      const cell = this.#cell(at, final)
      if (cell === undefined) return undefined
      if (cells.push(cell.text) > MOST_CELLS) this.#fail(`has more than ${MOST_CELLS} cells`)
      at = cell.next
      if (this.#text[at] === ',') continue
      const next = this.#lineEnd(at)
      if (this.#isOpen(at, next)) return final ? { cells, next, isBlank: at === start } : undefined
      if (next === at) this.#fail('has text after a closing quote')
      return { cells, next, isBlank: at === start }
    }
  }

  /** True when the next piece may continue this line, or complete its CRLF. */
  #isOpen(at: number, next: number): boolean {
    return next === this.#text.length && (next === at || this.#text[at] === '\r')
  }

  /** The position after the line end at `at`; `at` itself when there is none. */
  #lineEnd(at: number): number {
    if (this.#text.startsWith('\r\n', at)) return at + 2
    return this.#text[at] === '\n' || this.#text[at] === '\r' ? at + 1 : at
  }

  #cell(at: number, final: boolean) {
    return this.#text[at] === '"' ? this.#quoted(at, final) : this.#unquoted(at)
  }

  #unquoted(at: number) {
    unquoted.lastIndex = at
    const [text = ''] = unquoted.exec(this.#text) ?? []
    return { text: text === '' || text === NULL_WORD ? null : text, next: at + text.length }
  }

  #quoted(at: number, final: boolean) {
    let end = this.#text.indexOf('"', at + 1)
    while (end !== -1 && this.#text[end + 1] === '"') end = this.#text.indexOf('"', end + 2)
    if (end === -1 && final) this.#fail('has an unclosed quote')
    // A quote at the end of the text may be the first half of an escaped one.
    if (end === -1 || (end + 1 === this.#text.length && !final)) return undefined
    return { text: this.#text.slice(at + 1, end).replaceAll('""', '"'), next: end + 1 }
  }

  #fail(problem: string): never {
    const where = this.#records === 0 ? 'the header' : `row ${this.#records - 1}`
    throw errors.malformedBody(`The body is not valid CSV: ${where} ${problem}.`)
  }
}
