// Reading CSV (RFC 4180) as it arrives: text in pieces comes in, records as lists of cells go out. Lines may end in any
// way, blank ones are passed over, a quote inside an unquoted cell is a character like others. Without quotes an empty
// cell, or the word NULL, is null. Refuses what follows a closing quote, a quote that is never closed and a record that is
// too long or has too many cells.

import { errors } from '../errors.ts'
import { NULL_WORD } from './csv-line.ts'

export type Cell = string | null

/** Cells of one record: more than an entity has fields, and few enough to be read in no time. */
const MOST_CELLS = 2000

const unquoted = /[^,\r\n]*/y

export class CsvReader {
  readonly #longest: number
  #text = ''
  #records = 0
  /** Characters that are worth a look: a long record is looked at when it has doubled, not with each piece. */
  #enough = 0

  /** @param longest characters that a record may have */
  constructor(longest: number) {
    this.#longest = longest
  }

  /** The records that this piece completes. */
  read(piece: string): Cell[][] {
    this.#text += piece
    return this.#text.length < this.#enough ? [] : this.#take(false)
  }

  /** The record that the end completes. */
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
    this.#enough = Math.min(this.#text.length * 2, this.#longest)
    return records
  }

  #requireShort(length: number): void {
    if (length > this.#longest) this.#fail(`is longer than ${this.#longest} characters`)
  }

  /** The record that begins here; undefined when its end has not come yet. */
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

  /** Whether what has come yet may go on with more of this line, or with the other half of its end. */
  #isOpen(at: number, next: number): boolean {
    return next === this.#text.length && (next === at || this.#text[at] === '\r')
  }

  /** Where the line end that begins here ends; the place itself when none does. */
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
    if (end === -1 && final) this.#fail('has a quote that is never closed')
    // Where the text ends another quote may follow.
    if (end === -1 || (end + 1 === this.#text.length && !final)) return undefined
    return { text: this.#text.slice(at + 1, end).replaceAll('""', '"'), next: end + 1 }
  }

  #fail(what: string): never {
    const where = this.#records === 0 ? 'The header' : `Row ${this.#records - 1}`
    throw errors.malformedBody(`The body is not CSV: ${where} ${what}.`)
  }
}
