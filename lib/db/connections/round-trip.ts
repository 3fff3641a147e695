// A round trip to PostgreSQL: the statements that travel together, and their answers.
import type { Problem } from '../../errors/problem.ts'
import type { TextRow } from '../statement.ts'

/** One statement of a round trip. */
export interface Step {
  /** The name it is prepared under on first use; '' for one that is parsed each time. */
  readonly name: string
  /** Absent when the connection was set up with the statement prepared: an enter, of which only a refusal is kept. */
  readonly text?: string
  readonly values: readonly unknown[]
}

/** Rows, or why there are none: a Problem where they were not kept, another error where the epoch was refused. */
export type Answer = TextRow[] | Problem | Error

/** The answers to the steps that have a text, up to the first error. */
export interface Outcome {
  readonly answers: readonly Answer[]
  readonly error: Error | null
  /** Bytes of all rows that came, whether they were kept or not. */
  readonly size?: number
}
