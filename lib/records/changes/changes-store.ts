// The changes of an entity after a place, as the caller may see them: each with the record as that write has left it.

import type { TenantDirectory } from '../../db/tenant-directory.ts'
import { toIsoTimestamp } from '../../db/timestamp.ts'
import { KEPT_FOR } from '../../entities/logged.ts'
import { errors } from '../../errors.ts'
import { foldBack, type Step } from '../../log/fold.ts'
import { amongIds, readLogs } from '../../log/log-store.ts'
import type { RecordState } from '../../log/record-state.ts'
import { presentTick, type Tick, ticksFrom, ticksOf } from '../../log/tick-store.ts'
import type { Actor } from '../actor.ts'
import type { HistoryContext } from '../history/history-store.ts'
import { renderStates } from '../history/render-states-store.ts'
import { visibleStates } from '../history/visible-states-store.ts'
import { type DueChange, dueChanges } from './batch-store.ts'
import { type FeedPlace, openPlace, sealPlace } from './feed-place.ts'

export interface ChangesContext extends HistoryContext {
  directory: TenantDirectory
}

export interface ChangesPage {
  /** JSON of each. */
  events: string[]
  /** Where it goes on. */
  cursor: string
}

/** Bytes of the records and changes that one answer reads. */
const MOST_BYTES = 16 * 2 ** 20

/** Later changes of the same records, through which they are folded back. */
const MOST_CHANGES = 200_000

/** Batches that one request looks through. */
const MOST_BATCHES = 50

/** @param after undefined: from now on; errors.feedOff, errors.cursorExpired, errors.invalidParameter */
export async function readChanges(
  stores: ChangesContext,
  actor: Actor,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<ChangesPage> {
  const { entity } = actor
  if (entity.feed === undefined) throw errors.feedOff(entity.name)
  const seal = (place: FeedPlace) => sealPlace(stores.cursorSeal, entity, place)
  const now = await presentTick(stores.directory)
  if (after === undefined) return { events: [], cursor: seal({ tick: now.id }) }
  const start = openPlace(stores.cursorSeal, entity, after)
  const { due, place } = await collect(stores, actor, { start, limit })
  return { events: await present(stores, actor, due), cursor: seal(place) }
}

/** A change with its place. */
interface PlacedChange extends DueChange {
  place: FeedPlace
}

interface Collected {
  due: PlacedChange[]
  place: FeedPlace
}

/** Goes from batch to batch until there is enough, or the present is reached. */
async function collect(
  stores: ChangesContext,
  actor: Actor,
  { start, limit }: { start: FeedPlace; limit: number },
): Promise<Collected> {
  let place = start
  let due: PlacedChange[] = []
  for (let batches = 0; batches < MOST_BATCHES && due.length === 0; batches++) {
    const [from, to] = await ticksAt(stores.directory, place)
    if (from === undefined) throw errors.cursorExpired()
    await requireKept(stores, actor, from)
    if (to === undefined) break
    const seq = place.within?.seq ?? '0'
    const found = await dueChanges(stores.db, actor.caller.tenant, actor.entity, {
      from,
      to,
      after: seq,
      limit: limit + 1,
    })
    const taken = withinBytes(found.slice(0, limit))
    due = taken.map((change) => ({
      ...change,
      place: { tick: from.id, within: { to: to.id, seq: change.seq } },
    }))
    place = taken.length < found.length ? (due.at(-1) as PlacedChange).place : { tick: to.id }
  }
  return { due, place }
}

async function ticksAt(
  directory: TenantDirectory,
  { tick, within }: FeedPlace,
): Promise<(Tick | undefined)[]> {
  if (within === undefined) return ticksFrom(directory, tick)
  const found = await ticksOf(directory, [tick, within.to])
  const byId = new Map(found.map((one) => [one.id, one]))
  return byId.has(within.to) ? [byId.get(tick), byId.get(within.to)] : []
}

/** errors.cursorExpired when changes after the tick may be gone, or were not logged. */
async function requireKept({ db }: ChangesContext, { caller, entity }: Actor, { at }: Tick): Promise<void> {
  const text = `select (extract(epoch from since) * 1000)::text from logged_entity where tenant_id = $1 and entity_id = $2`
  const [row] = await db.read(caller.tenant, { text, values: [entity.tenantId, entity.id], cost: 'row' })
  const since = Number(row?.[0] ?? Number.POSITIVE_INFINITY)
  if (at < since || at < Date.now() - (KEPT_FOR.s ?? 0)) throw errors.cursorExpired()
}

/** As many as fit, at least one. */
function withinBytes(changes: readonly DueChange[]): DueChange[] {
  let bytes = 0
  const end = changes.findIndex(({ size }, at) => {
    bytes += size
    return bytes > MOST_BYTES && at > 0
  })
  return end === -1 ? [...changes] : changes.slice(0, end)
}

/** The five words of events. */
type Op = 'insert' | 'update' | 'delete' | 'enter' | 'leave'

interface Event {
  step: Step
  place: FeedPlace
  op: Op
}

async function present(
  stores: ChangesContext,
  actor: Actor,
  due: readonly PlacedChange[],
): Promise<string[]> {
  const events = await eventsOf(stores, actor, due)
  const shown = events.filter(({ op }) => op !== 'delete' && op !== 'leave')
  const texts = await renderStates(
    stores,
    actor,
    shown.map(({ step }) => step.after as RecordState),
  )
  const jsons = new Map(shown.map((event, at) => [event, texts[at]]))
  const isWhole = actor.policy.visible === actor.entity
  return events.map((event) => {
    const { id, version, at } = event.step.change
    const head = {
      cursor: sealPlace(stores.cursorSeal, actor.entity, event.place),
      op: event.op,
      id,
      ...(isWhole ? { version } : {}),
      at: toIsoTimestamp(at),
    }
    return `${JSON.stringify(head).slice(0, -1)},"record":${jsons.get(event) ?? 'null'}}`
  })
}

async function eventsOf(
  stores: ChangesContext,
  actor: Actor,
  due: readonly PlacedChange[],
): Promise<Event[]> {
  const steps = await stepsOf(stores, actor, due)
  const states = new Set([...steps.values()].flatMap(({ before, after }) => [before, after]))
  states.delete(null)
  const judged = { scope: actor.caller.tenant, entity: actor.entity, rows: actor.policy.read }
  const visible = await visibleStates(stores.db, judged, [...states] as RecordState[])
  const sees = (state: RecordState | null) => state !== null && visible.has(state)
  return due.flatMap(({ seq, place }) => {
    const step = steps.get(seq)
    const op = step && opOf(step, sees)
    return step === undefined || op === undefined ? [] : [{ step, place, op }]
  })
}

/** Undefined: the caller has seen the record neither before nor after. */
function opOf({ before, after }: Step, sees: (state: RecordState | null) => boolean): Op | undefined {
  if (sees(after)) {
    if (before === null) return 'insert'
    return sees(before) ? 'update' : 'enter'
  }
  if (!sees(before)) return undefined
  return after === null ? 'delete' : 'leave'
}

/** The step of each change, by its number; of a record whose history is erased there is none. */
async function stepsOf(
  { db }: ChangesContext,
  actor: Actor,
  due: readonly DueChange[],
): Promise<Map<string, Step>> {
  const steps = new Map<string, Step>()
  const [first] = due
  if (first === undefined) return steps
  const wanted = new Set(due.map(({ seq }) => seq))
  const logs = await readLogs(db, actor.caller.tenant, actor.entity, {
    ids: amongIds([...new Set(due.map(({ id }) => id))]),
    changes: (p) => `c.seq >= ${p.add(first.seq)}`,
    limit: MOST_CHANGES + 1,
  })
  if (logs.reduce((sum, { changes }) => sum + changes.length, 0) > MOST_CHANGES)
    throw errors.asOfTooCostly(`${MOST_CHANGES}`)
  for (const { present, changes } of logs)
    for (const step of foldBack(present, changes))
      if (wanted.has(step.change.seq)) steps.set(step.change.seq, step)
  return steps
}
