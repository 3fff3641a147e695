// Parses one record of CSV (RFC 4180) out of a text that may not have arrived whole. Lines end in LF, CRLF or CR; a quote
// inside an unquoted cell is an ordinary character. Unquoted, an empty cell is null, and so is the dialect's word for it.
// Refuses text after a closing quote, an unclosed quote, and a record of too many cells.
import { NULL_WORD } from './csv-line.ts'

export type Cell = string | null

export interface Dialect {
  /** One UTF-16 code unit, neither a quote nor a line end. */
  delimiter: string
  /** What an unquoted cell says for null, beside the empty one. */
  nullWord?: string | undefined
}

export interface ParsedRecord {
  cells: Cell[]
  /** Where its text ends, and where the next record begins. */
  end: number
  next: number
  /** Line ends that it spans, its own among them. */
  lines: number
}

/** A fault of the text, in words that follow the name of the line. */
export class CsvFault extends Error {}

export class TooManyCells extends CsvFault {
  constructor() {
    super(`has more than ${MOST_CELLS} cells`)
  }
}

/** Cells of one record: above the number of fields an entity may have, and small enough to read in negligible time. */
const MOST_CELLS = 2000

const QUOTE = 0x22

const LF = 0x0a

const CR = 0x0d

const LINE_ENDS = /\r\n|[\r\n]/g

export class RecordParser {
  readonly #separator: number
  readonly #nullWord: string | undefined
  #text = ''
  #at = 0
  #isFinal = false
  #lines = 1

  constructor({ delimiter, nullWord }: Dialect) {
    this.#separator = delimiter.charCodeAt(0)
    this.#nullWord = nullWord
  }

  /**
   * The record that begins at `start`; undefined when its end has not arrived yet. Throws CsvFault.
   *
   * @param isFinal whether nothing follows the text
   */
  parse(text: string, start: number, isFinal: boolean): ParsedRecord | undefined {
    this.#text = text
    this.#at = start
    this.#isFinal = isFinal
    this.#lines = 1
    const cells = this.#cells()
    if (cells === undefined) return undefined
    const end = this.#at
    const next = this.#lineEnd(end)
    if (this.#isOpen(end, next)) return isFinal ? { cells, end, next, lines: this.#lines } : undefined
    if (next === end) throw new CsvFault('has text after a closing quote')
    return { cells, end, next, lines: this.#lines }
  }

  #cells(): Cell[] | undefined {
    const cells: Cell[] = []
    for (;;) {
      const cell = this.#text.charCodeAt(this.#at) === QUOTE ? this.#quoted() : this.#unquoted()
      if (cell === undefined) return undefined
      if (cells.push(cell) > MOST_CELLS) throw new TooManyCells()
      if (this.#text.charCodeAt(this.#at) !== this.#separator) break
      this.#at += 1
    }
    // A blank line is no record, so a single null is written as a word.
    if (cells.length === 1 && cells[0] === NULL_WORD && this.#text.charCodeAt(this.#at - 1) !== QUOTE)
      cells[0] = null
    return cells
  }

  #unquoted(): Cell {
    const start = this.#at
    let at = start
    for (; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at)
      if (code === this.#separator || code === LF || code === CR) break
    }
    this.#at = at
    const cell = this.#text.slice(start, at)
    return cell === '' || cell === this.#nullWord ? null : cell
  }

  #quoted(): string | undefined {
    const start = this.#at + 1
    let end = this.#text.indexOf('"', start)
    while (end !== -1 && this.#text.charCodeAt(end + 1) === QUOTE) end = this.#text.indexOf('"', end + 2)
    if (end === -1 && this.#isFinal) throw new CsvFault('has an unclosed quote')
    // A quote at the end of the text may be the first half of an escaped one.
    if (end === -1 || (end + 1 === this.#text.length && !this.#isFinal)) return undefined
    this.#at = end + 1
    const cell = this.#text.slice(start, end)
    this.#lines += cell.match(LINE_ENDS)?.length ?? 0
    return cell.includes('"') ? cell.replaceAll('""', '"') : cell
  }

  /** True when the next piece may continue this line, or complete its CRLF. */
  #isOpen(at: number, next: number): boolean {
    return next === this.#text.length && (next === at || this.#text.charCodeAt(at) === CR)
  }

  /** The position after the line end at `at`; `at` itself when there is none. */
  #lineEnd(at: number): number {
    const code = this.#text.charCodeAt(at)
    if (code === LF) return at + 1
    if (code !== CR) return at
    return this.#text.charCodeAt(at + 1) === LF ? at + 2 : at + 1
  }
}
