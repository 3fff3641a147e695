// Storing the rows of an import in one transaction, batch by batch as they are read: all of them or none, or each as far as
// it can be. Their outcomes leave batch by batch, too, so memory is that of a batch whatever the number of rows.

import { mapYielding } from '../concurrency/yielding-map.ts'
import type { Transaction } from '../db/statement.ts'
import { MOST_LISTED, Problem, type Violation, violated } from '../errors/problem.ts'
import { errors } from '../errors.ts'
import type { Clock } from '../process/clock.ts'
import type { Actor, RecordContext } from '../records/actor.ts'
import { prepareWriter, rowsOfBatch, type StoreOptions } from '../records/create/batch-store.ts'
import { outcomeAt, tryBatch, tryEach } from '../records/create/partial-store.ts'
import type { ParsedRow, RowOutcome, RowReader, Writer } from '../records/create/row.ts'
import { forgetAnswers } from '../records/write/run-statement-store.ts'
import { inTransaction } from '../records/write/transaction-store.ts'
import type { WrittenRow } from '../records/write/written-row.ts'
import { type IncomingRow, inBatches, type RowParser } from './incoming-row.ts'

/**
 * Milliseconds that an import may hold its entity: a change of the schema waits for it, and other writers then wait for the
 * change. Each statement by itself has STATEMENT_TIMEOUT.
 */
const LONGEST_MS = 600_000

/** What became of a row; without `refusal` it was refused before it was tried. */
export type ImportOutcome = RowOutcome | { violations: Violation[] }

export interface ImportOptions extends StoreOptions {
  /** The rows of the body, from the first, for each reading. */
  text: () => AsyncIterable<string>
  parser: () => RowParser
  read: RowReader
  /** Good rows are stored whatever becomes of others. */
  partial: boolean
  /** There has to be exactly one row. */
  single: boolean
  /** Called before the first batch, and again when the import starts over. */
  begin: () => Promise<void>
  tell: (outcomes: readonly ImportOutcome[]) => Promise<void>
  /** What the time that it takes is measured by. */
  clock: Pick<Clock, 'elapsed'>
}

export interface Imported {
  count: number
  created: number
  /** The last one stored. */
  last: WrittenRow | undefined
}

/** Stores the rows; unless `partial`, a refusal names every row that it concerns, as far as they are listed. */
export async function importRecords(
  stores: RecordContext,
  actor: Actor,
  options: ImportOptions,
): Promise<Imported> {
  const writer = await prepareWriter(stores, actor, options)
  const { rollback } = options
  return inTransaction(stores, actor, { entities: [actor.entity], rollback }, async (tx) => {
    await options.begin()
    const run = new ImportRun(tx, writer(), options)
    const most = rowsOfBatch(actor.entity)
    for await (const batch of inBatches(options.text(), options.parser(), most)) await run.add(batch)
    return run.end()
  })
}

/** The outcome with the row's line in the body as the number of its row. */
function withLine(outcome: ImportOutcome, line: number): ImportOutcome {
  if (!('violations' in outcome)) return outcome
  return { ...outcome, violations: outcome.violations.map((one) => ({ ...one, row: line })) }
}

class ImportRun {
  readonly #tx: Transaction
  readonly #write: Writer
  readonly #options: ImportOptions
  readonly #began: number
  readonly #violations: Violation[] = []
  #refusal: Problem | undefined
  #rows = 0
  #stored: Imported = { count: 0, created: 0, last: undefined }

  constructor(tx: Transaction, write: Writer, options: ImportOptions) {
    this.#tx = tx
    this.#write = write
    this.#options = options
    this.#began = options.clock.elapsed()
  }

  async add(batch: readonly IncomingRow[]): Promise<void> {
    const { partial, tell, clock } = this.#options
    if (clock.elapsed() - this.#began > LONGEST_MS)
      throw errors.statementTimeout('Split the file: an import has ten minutes.')
    const lineOf = (at: number) => batch[at]?.line ?? 0
    const stored = await this.#store(await mapYielding(batch, (row) => this.#read(row)), lineOf)
    const outcomes = stored.map((outcome, at) => withLine(outcome, lineOf(at)))
    this.#count(outcomes)
    if (!partial) this.#refuse(outcomes)
    this.#rows += batch.length
    if (this.#options.single && this.#rows > 1) throw errors.notSingular(this.#rows)
    // The rest would not be told anyway.
    if (this.#violations.length > MOST_LISTED) this.end()
    if (partial || this.#violations.length === 0) await tell(outcomes)
    await forgetAnswers(this.#tx)
  }

  end(): Imported {
    if (this.#violations.length > 0) throw this.#problem()
    if (this.#options.single && this.#rows !== 1) throw errors.notSingular(this.#rows)
    return this.#stored
  }

  /** What the format has found in a row comes before what its values are. */
  #read({ body, violations }: IncomingRow): ParsedRow | { violations: Violation[] } {
    if (violations.length === 0) return this.#options.read(body)
    if (body === undefined) return { violations: [...violations] }
    const told = new Set(violations.map(({ pointer }) => pointer))
    const others = this.#options.read(body).violations.filter(({ pointer }) => !told.has(pointer))
    return { violations: [...violations, ...others] }
  }

  async #store(
    rows: readonly (ParsedRow | { violations: Violation[] })[],
    lineOf: (at: number) => number,
  ): Promise<ImportOutcome[]> {
    const good = rows.flatMap((row, at) =>
      row.violations.length === 0 && 'candidate' in row ? [{ at, candidate: row.candidate }] : [],
    )
    const outcomes: ImportOutcome[] = rows.map(({ violations }) => ({ violations }))
    const candidates = good.map(({ candidate }) => candidate)
    const store = this.#options.partial ? tryEach : tryBatch
    const stored = await store(this.#tx, this.#write, candidates)
    const rowOf = (index: number) => lineOf(good[index]?.at ?? index)
    for (const [index, { at }] of good.entries()) outcomes[at] = outcomeAt(stored[index] as RowOutcome, rowOf)
    return outcomes
  }

  #count(outcomes: readonly ImportOutcome[]): void {
    for (const outcome of outcomes) {
      if (!('row' in outcome) || outcome.row === undefined) continue
      this.#stored.count += 1
      this.#stored.created += outcome.created ? 1 : 0
      this.#stored.last = outcome.row
    }
  }

  #refuse(outcomes: readonly ImportOutcome[]): void {
    for (const outcome of outcomes) {
      if (!('violations' in outcome)) continue
      this.#violations.push(...outcome.violations)
      // A body that is not valid comes before what conflicts with other records.
      const refusal = 'refusal' in outcome ? outcome.refusal : errors.invalidBody([])
      if (this.#refusal === undefined || !('refusal' in outcome)) this.#refusal = refusal
    }
  }

  #problem(): Problem {
    const { kind, extras } = this.#refusal ?? errors.invalidBody([])
    const { detail, errors: listed } = violated(this.#violations)
    return new Problem(kind, detail, { ...extras, ...(listed === undefined ? {} : { errors: listed }) })
  }
}
