// Folds the log of one record backwards: from a state and the change that made it to the state before. Pure. A change that does
// not lead to the state (it was written while nothing was logged, or something is gone) ends what is known.
import type { RecordState } from './record-state.ts'

/** A change of one record, as it is logged. */
export interface LoggedChange {
  id: string
  /** Orders the changes of a record. */
  seq: string
  version: number
  /** Created, updated, deleted, restored. */
  op: 'c' | 'u' | 'd' | 'r'
  /** u: former values of the changed keys, null where there was none; d: all of the data; else null. */
  was: Readonly<Record<string, unknown>> | null
  wasAt: string | null
  wasBy: string | null
  madeAt: string | null
  madeBy: string | null
  /** The version of the definition that it was written under. */
  schema: number
  actor: string | null
  at: string
}

/** A change between the states that it leads from and to; null: no record. */
export interface Step {
  change: LoggedChange
  before: RecordState | null
  after: RecordState | null
}

/** The state before a change; undefined when the change does not lead to this state. */
export function stateBefore(after: RecordState | null, change: LoggedChange): RecordState | null | undefined {
  if (change.op === 'd') return after === null ? deletedState(change) : undefined
  if (after === null || after.version !== change.version) return undefined
  return change.op === 'u' ? replacedState(after, change) : null
}

function deletedState({ id, version, was, wasAt, wasBy, madeAt, madeBy }: LoggedChange): RecordState {
  const times = { createdAt: madeAt as string, updatedAt: wasAt }
  return { id, version: version - 1, ...times, createdBy: madeBy, updatedBy: wasBy, data: was ?? {} }
}

function replacedState(after: RecordState, { was, wasAt, wasBy, version }: LoggedChange): RecordState {
  const data: Record<string, unknown> = { ...after.data }
  for (const [key, value] of Object.entries(was ?? {})) {
    if (value === null) delete data[key]
    else data[key] = value
  }
  return { ...after, version: version - 1, updatedAt: wasAt, updatedBy: wasBy, data }
}

/**
 * The steps of one record, newest first, as far as they are known; made one by one, as each has a state of its own.
 *
 * @param present the record as it is; null: it is gone
 * @param changes newest first, from the last one on
 */
export function* foldBack(present: RecordState | null, changes: readonly LoggedChange[]): Generator<Step> {
  let after = present
  for (const change of changes) {
    const before = stateBefore(after, change)
    if (before === undefined) return
    yield { change, before, after }
    after = before
  }
}

/** The state before all of the changes; undefined when they do not lead back that far. */
export function stateBeforeAll(
  present: RecordState | null,
  changes: readonly LoggedChange[],
): RecordState | null | undefined {
  let state: RecordState | null | undefined = present
  for (const change of changes) {
    state = stateBefore(state, change)
    if (state === undefined) return undefined
  }
  return state
}
