// The rows of a request that creates or merges, before and after they are stored.

import type { Transaction } from '../../db/statement.ts'
import type { UniqueConstraint } from '../../entities/entity.ts'
import type { Problem, Violation } from '../../errors/problem.ts'
import type { StoredPatch } from '../stored-data.ts'
import type { LinkRow, NewRecord, WrittenRow } from '../write/written-row.ts'

/** The times of a record of another system, ISO 8601 in UTC. */
export interface KeptTimes {
  createdAt: string
  updatedAt: string
}

export interface IncomingRecord {
  /** The whole record, in case it is new. */
  whole: StoredPatch
  /** The fields that the body gives, in case it is merged. */
  given: StoredPatch
  /** The id that the body gives. */
  id: string | undefined
  /** Required fields that the body lacks: violations only if the record is new. */
  lacking?: readonly Violation[] | undefined
  /** The times that a record of another system keeps; absent: it is new. */
  times?: KeptTimes | undefined
}

/** A parsed row: the data to store, and the violations found before storing. */
export interface ParsedRow {
  candidate: IncomingRecord
  violations: Violation[]
}

/** Reads one row: a body as JSON has it. */
export type RowReader = (body: unknown) => ParsedRow

/** A row that was stored; without `row` it has met a record and was ignored, as it was to be then. */
export interface StoredRow {
  row: WrittenRow | undefined
  created: boolean
}

/** The outcome of one row where each is stored that can be. */
export type RowOutcome = StoredRow | { refusal: Problem; violations: Violation[] }

/** Stores rows inside a transaction, all or none: a refusal leaves the transaction usable. */
export type Writer = (tx: Transaction, rows: readonly IncomingRecord[]) => Promise<StoredRow[]>

/** A record to be written, and the row that it comes of. */
export interface RowWrite {
  record: NewRecord
  at: number
  /** Those of its links that are new. */
  links: readonly LinkRow[]
}

export interface MergeOptions {
  /** The constraint whose values find the record; null: the id. */
  target: UniqueConstraint | null
  /** `change-existing`: the rows change records that have to exist. */
  resolution: 'merge-duplicates' | 'ignore-duplicates' | 'change-existing'
}
