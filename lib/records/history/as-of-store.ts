// Records as they were at a time: the stores of ordinary reads over a list of earlier states. Those that have changed since are
// folded back, all others are as they are.
import type { Statement, TenantDb } from '../../db/statement.ts'
import { toIsoTimestamp } from '../../db/timestamp.ts'
import type { Entity } from '../../entities/entity.ts'
import { errors } from '../../errors.ts'
import { stateBeforeAll } from '../../log/fold.ts'
import { amongIds, type LogRange, type RecordLog, readLogs } from '../../log/log-store.ts'
import type { RecordState } from '../../log/record-state.ts'
import type { Actor, RecordContext } from '../actor.ts'
import { amongImages, type Image, type OtherRecords } from './images-sql.ts'
import { requireKnown } from './log-horizon-store.ts'

/** Changes that an answer may read. */
const MOST_CHANGES = 200_000

/** Bytes of them and of the records that they are of. */
const MOST_BYTES = 64 * 2 ** 20

/** Milliseconds by which the clock of a server, from which ids are, may be ahead of the database's. */
const CLOCK_SKEW = 60_000

/** The stores of ordinary reads, as of a time (ISO 8601, UTC). errors.historyOff, errors.historyBeginsLater, errors.asOfTooCostly. */
export async function storesAsOf(
  stores: RecordContext,
  actor: Actor,
  time: string,
  id?: string,
): Promise<RecordContext> {
  const { db, registry, missingIndexes, pageLimits, plans, recordEtags } = stores
  const scope = actor.caller.tenant
  const { entity } = actor
  await requireKnown(db, scope, entity, time)
  await requireBounded(db, actor, { time, id })
  const logs = await readLogs(db, scope, entity, rangeOf(entity, time, id))
  const images = logs.flatMap((log) => imageAt(log, time))
  const others = id === undefined ? unchangedSince(entity, logs, time) : undefined
  const past = (statement: Statement) => amongImages(entity, images, statement, others)
  const asOf: TenantDb = {
    read: (of, statement) => db.read(of, past(statement)),
    stream: (of, statement) => db.stream(of, past(statement)),
    write: (...write) => db.write(...write),
    transaction: (...transaction) => db.transaction(...transaction),
  }
  return { db: asOf, registry, missingIndexes, pageLimits, plans, recordEtags }
}

/** The changes since the time, with the records that they are of; or of one record. */
function rangeOf({ tenantId, id: entityId }: Entity, time: string, id: string | undefined): LogRange {
  const changed: LogRange['ids'] = (column, p) =>
    `${column} in (select m.id from change m where m.tenant_id = ${p.add(tenantId)} and m.entity_id = ${p.add(entityId)}
      and m.at > ${p.add(time)})`
  return {
    ids: id === undefined ? changed : amongIds([id]),
    changes: (p) => `c.at > ${p.add(time)}`,
  }
}

interface Asked {
  time: string
  id: string | undefined
}

/** errors.asOfTooCostly. */
async function requireBounded(
  db: Pick<TenantDb, 'read'>,
  { caller, entity }: Actor,
  { time, id }: Asked,
): Promise<void> {
  const one = id === undefined ? '' : 'and c.id = $4'
  const changes = `select c.id, octet_length(c.was::text) as size from change c
    where c.tenant_id = $1 and c.entity_id = $2 and c.at > $3 ${one} limit ${MOST_CHANGES + 1}`
  const text = `with c as materialized (${changes})
    select (select count(*) from c), (select coalesce(sum(size), 0) from c) + coalesce((
      select sum(octet_length(r.data::text)) from record r
      where r.tenant_id = $1 and r.entity_id = $2 and r.id in (select id from c)), 0)`
  const values = [entity.tenantId, entity.id, time, ...(id === undefined ? [] : [id])]
  const [row] = await db.read(caller.tenant, { text, values })
  if (Number(row?.[0]) > MOST_CHANGES) throw errors.asOfTooCostly(`${MOST_CHANGES}`)
  if (Number(row?.[1]) > MOST_BYTES) throw errors.asOfTooCostly(`${MOST_BYTES / 2 ** 20} MiB`)
}

/** The record at the time, if there was one and it is known. */
function imageAt({ present, changes }: RecordLog, time: string): Image[] {
  const state = stateBeforeAll(present, changes)
  return state != null && wasWritten(state, Date.parse(time)) ? [{ state, at: 0 }] : []
}

/** Whether the state was there at the time: of one that was written later an admin has erased the history before. */
function wasWritten({ version, createdAt, updatedAt }: RecordState, time: number): boolean {
  const written = Date.parse(toIsoTimestamp(updatedAt ?? createdAt))
  return written <= time + (version === 1 ? CLOCK_SKEW : 0) + 1
}

/** The records of which no change since is logged, and that were there. */
function unchangedSince(entity: Entity, logs: readonly RecordLog[], time: string): OtherRecords {
  return (first) => ({
    text: `r.tenant_id = $${first}::uuid and r.entity_id = $${first + 1}::bigint
      and not exists (select from unnest($${first + 2}::uuid[]) x(id) where x.id = r.id)
      and coalesce(r.updated_at, r.created_at) <= $${first + 3}::timestamptz
        + case when r.version = 1 then interval '${CLOCK_SKEW} milliseconds' else interval '0' end`,
    values: [entity.tenantId, entity.id, logs.map(({ id }) => id), time],
  })
}
