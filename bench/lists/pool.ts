// The values that requests ask for: a new random one for each.

import { AGES, below, emailOf, pick, SCHOOLS, schoolName, studentOf, syllable } from './records.ts'

/** The last record of a page in the order of names, and the cursor of the page after it. */
export interface Position {
  name: string
  id: string
  cursor: string
}

export interface Known {
  students: readonly string[]
  comments: readonly string[]
  schools: readonly string[]
  positions: readonly Position[]
}

export class Pool {
  readonly #known: Known
  readonly #cursors: ReadonlyMap<string, string>
  #made = 0

  constructor(known: Known) {
    this.#known = known
    this.#cursors = new Map(known.positions.map(({ id, cursor }) => [id, cursor]))
  }

  studentId = (): string => pick(Math.random, this.#known.students)

  commentId = (): string => pick(Math.random, this.#known.comments)

  position = (): Position => pick(Math.random, this.#known.positions)

  cursorAfter = (id: string): string => this.#cursors.get(id) ?? ''

  number = (limit: number): number => below(Math.random, limit)

  age = (): number => this.number(AGES)

  flag = (): boolean => Math.random() < 0.5

  email = (): string => emailOf(this.number(this.#known.students.length))

  schoolName = (): string => schoolName(this.number(SCHOOLS))

  /** Three letters that about one name in a hundred has. */
  fragment = (): string => syllable(Math.random) + syllable(Math.random)[0]

  /** What one name in seventy begins with. */
  prefix = (): string => {
    const text = syllable(Math.random)
    return text[0]?.toUpperCase() + text.slice(1)
  }

  /** What is written; no other has its email. */
  student = () => {
    const email = `new-${process.pid}-${this.#made++}@example.com`
    return studentOf(Math.random, email, pick(Math.random, this.#known.schools))
  }
}

/** Values of the right types, for what needs no more than those. */
export const SAMPLE = new Pool({
  students: [''],
  comments: [''],
  schools: [''],
  positions: [{ name: '', id: '', cursor: '' }],
})
