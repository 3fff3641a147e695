// The rows of a request that creates or merges, before and after they are stored.

import type { Transaction } from '../../db/statement.ts'
import type { Problem, Violation } from '../../errors/problem.ts'
import type { StoredPatch } from '../stored-data.ts'
import type { WrittenRow } from '../write/written-row.ts'

export interface IncomingRecord {
  /** The whole record, for the case that it is new. */
  whole: StoredPatch
  /** The fields that the body gives, for the case that it is not. */
  given: StoredPatch
  /** The id that the body gives. */
  id: string | undefined
}

/** A row of a request as it was read: what it would store, and what stands against it before it is tried. */
export interface ParsedRow {
  candidate: IncomingRecord
  violations: Violation[]
}

/** Reads one row: a body as JSON has it. */
export type RowReader = (body: unknown) => ParsedRow

/** What became of a row that nothing stood against; without `row` it has met a record and was to be ignored then. */
export interface StoredRow {
  row: WrittenRow | undefined
  created: boolean
}

/** What became of one row where each is stored as far as it can be. */
export type RowOutcome = StoredRow | { refusal: Problem; violations: Violation[] }

/** Stores rows inside a transaction, all of them, or throws what stands against it and leaves the transaction usable. */
export type Writer = (tx: Transaction, rows: readonly IncomingRecord[]) => Promise<StoredRow[]>
