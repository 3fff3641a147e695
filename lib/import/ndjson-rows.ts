// The rows of NDJSON: one JSON record a line; blank lines are passed over. A line that is no JSON is a row like others, with
// its violation. Refuses a line that is too long.

import { Problem } from '../errors/problem.ts'
import { errors } from '../errors.ts'
import { parseJsonBody } from '../http/json-body.ts'
import type { IncomingRow, RowParser } from './incoming-row.ts'

export class NdjsonRows implements RowParser {
  readonly #longest: number
  #text = ''
  #line = 0

  /** @param longest characters that a line may have */
  constructor(longest: number) {
    this.#longest = longest
  }

  read(piece: string): IncomingRow[] {
    const [first = '', ...others] = piece.split('\n')
    this.#text += first
    const rows = others.flatMap((line) => {
      const row = this.#row(this.#text)
      this.#text = line
      return row
    })
    this.#requireShort(this.#text)
    return rows
  }

  end(): IncomingRow[] {
    return this.#row(this.#text)
  }

  #row(line: string): IncomingRow[] {
    this.#line += 1
    if (line.trim() === '') return []
    this.#requireShort(line)
    return [{ ...readLine(line), line: this.#line }]
  }

  #requireShort({ length }: string): void {
    if (length > this.#longest)
      throw errors.malformedBody(`Line ${this.#line + 1} is longer than ${this.#longest} characters.`)
  }
}

function readLine(line: string): Omit<IncomingRow, 'line'> {
  try {
    return { body: parseJsonBody(line), violations: [] }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const message = `is not JSON: ${error.message.replace(/^The body is not JSON: /, '')}`
    const violations = error.extras.errors ?? [{ pointer: '', keyword: 'json', message }]
    return { body: undefined, violations }
  }
}
