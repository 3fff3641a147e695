// The history of one record, newest first: what each write has changed, as far as the caller may read the fields and could see
// the record as it was then.
import { isDeepStrictEqual } from 'node:util'
import { toIsoTimestamp } from '../../db/timestamp.ts'
import { errors } from '../../errors.ts'
import type { CursorSeal } from '../../log/cursor-seal.ts'
import { foldBack, type LoggedChange, type Step } from '../../log/fold.ts'
import { amongIds, type RecordLog, readLogs } from '../../log/log-store.ts'
import type { RecordState } from '../../log/record-state.ts'
import type { Actor, RecordContext } from '../actor.ts'
import { requireHistory } from './log-horizon-store.ts'
import { type Person, usernames } from './usernames-store.ts'
import { visibleStates } from './visible-states-store.ts'

export const OPS = { c: 'insert', u: 'update', d: 'delete', r: 'restore' } as const

export interface HistoryEntry {
  /** Absent for callers who may not read every field: it would count changes that they cannot see. */
  version?: number
  at: string
  /** Absent for who may not see who has changed a record. */
  by?: Person | null
  op: (typeof OPS)[LoggedChange['op']]
  schema_version: number
  /** By field name. `old` is absent where the caller could not see the record before. */
  changes: Record<string, { old?: unknown; new: unknown }>
}

export interface HistoryPage {
  entries: HistoryEntry[]
  nextCursor?: string
}

export interface HistoryContext extends RecordContext {
  cursorSeal: CursorSeal
}

interface Asked {
  id: string
  limit: number
  cursor: string | undefined
}

/** Changes that are read of a record at most. */
const MOST_CHANGES = 200_000

/** Steps whose states are in memory at once. */
const BATCH = 200

const NEWEST = '9223372036854775807'

/** A page of a record's history; errors.recordNotFound, errors.historyOff, errors.invalidParameter for a foreign cursor. */
export async function readHistory(
  stores: HistoryContext,
  actor: Actor,
  { id, limit, cursor }: Asked,
): Promise<HistoryPage> {
  const { entity } = actor
  requireHistory(entity)
  const bound = `history ${entity.tenantId} ${entity.id} ${id}`
  const below = cursor === undefined ? NEWEST : placeOf(stores.cursorSeal, cursor, bound)
  const log = await readLog(stores, actor, { id, below, limit })
  const seen: SeenStep[] = []
  for await (const step of seenSteps(stores, actor, stepsBelow(log, below))) {
    seen.push(step)
    if (seen.length > limit) break
  }
  if (seen.length === 0 && below === NEWEST) throw errors.recordNotFound()
  const shown = seen.slice(0, limit)
  const last = shown.at(-1)
  return {
    entries: await present(stores, actor, shown),
    ...(seen.length > limit && last ? { nextCursor: stores.cursorSeal.seal([last.change.seq], bound) } : {}),
  }
}

function* stepsBelow({ present, changes }: RecordLog, below: string): Generator<Step> {
  for (const step of foldBack(present, changes)) if (BigInt(step.change.seq) < BigInt(below)) yield step
}

function placeOf(seal: CursorSeal, cursor: string, bound: string): string {
  const [seq] = seal.open(cursor, bound) ?? []
  if (seq === undefined) throw errors.invalidParameter('cursor is not one of this list.')
  return seq
}

interface Place {
  id: string
  below: string
  limit: number
}

/** The changes from the newest to the end of the page; all of them where some may be left out. */
async function readLog({ db }: RecordContext, actor: Actor, { id, below, limit }: Place): Promise<RecordLog> {
  const { caller, entity, policy } = actor
  const isWhole = policy.read !== true || policy.visible !== entity
  const [log] = await readLogs(db, caller.tenant, entity, {
    ids: amongIds([id]),
    changes: (p) =>
      isWhole
        ? 'true'
        : `c.seq >= coalesce((select min(y.seq) from (select m.seq from change m
            where m.tenant_id = ${p.add(entity.tenantId)} and m.entity_id = ${p.add(entity.id)} and m.id = ${p.add(id)}
              and m.seq < ${p.add(below)} order by m.seq desc limit ${p.add(limit + 1)}) y), 0)`,
    limit: MOST_CHANGES + 1,
  })
  if (log === undefined) throw errors.recordNotFound()
  if (log.changes.length > MOST_CHANGES) throw errors.asOfTooCostly(`${MOST_CHANGES}`)
  return log
}

/** A step with what the caller may know of the state before. */
interface SeenStep extends Step {
  showsBefore: boolean
}

/** The steps after which the caller saw the record, or of a deletion before. */
async function* seenSteps(
  stores: RecordContext,
  actor: Actor,
  steps: Iterable<Step>,
): AsyncGenerator<SeenStep> {
  for (const batch of inBatches(steps, BATCH)) yield* await seenAmong(stores, actor, batch)
}

function* inBatches<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = []
  for (const item of items) {
    batch.push(item)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  yield batch
}

async function seenAmong({ db }: RecordContext, actor: Actor, steps: readonly Step[]): Promise<SeenStep[]> {
  const { caller, entity, policy } = actor
  const states = new Set(steps.flatMap(({ before, after }) => [before, after]).filter((one) => one !== null))
  const judged = { scope: caller.tenant, entity, rows: policy.read }
  const visible = await visibleStates(db, judged, [...states])
  const sees = (state: RecordState | null) => state !== null && visible.has(state)
  return steps
    .filter(({ before, after }) => sees(after ?? before))
    .map((step) => ({ ...step, showsBefore: step.before === null || sees(step.before) }))
    .filter((step) => policy.visible === entity || step.change.op !== 'u' || hasChanged(actor, step))
}

const hasChanged = (actor: Actor, step: SeenStep) => Object.keys(changesOf(actor, step)).length > 0

function changesOf({ policy }: Actor, { before, after, showsBefore }: SeenStep): HistoryEntry['changes'] {
  const changed = policy.visible.fields.flatMap((field) => {
    const [was, is] = [before?.data[field.key] ?? null, after?.data[field.key] ?? null]
    if (isDeepStrictEqual(was, is)) return []
    return [[field.name, showsBefore ? { old: was, new: is } : { new: is }] as const]
  })
  return Object.fromEntries(changed)
}

async function present(
  { db }: RecordContext,
  actor: Actor,
  steps: readonly SeenStep[],
): Promise<HistoryEntry[]> {
  const { caller, entity, policy } = actor
  const showsPersons = !policy.hidden.includes('updated_by')
  const nameOf = await usernames(db, caller.tenant, showsPersons ? steps.map((one) => one.change.actor) : [])
  return steps.map((step) => {
    const { version, at, op, schema, actor: by } = step.change
    return {
      ...(policy.visible === entity ? { version } : {}),
      at: toIsoTimestamp(at),
      ...(showsPersons ? { by: nameOf(by) } : {}),
      op: OPS[op],
      schema_version: schema,
      changes: changesOf(actor, step),
    }
  })
}
