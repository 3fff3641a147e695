// Reads the log of records together with the records as they are, both from one snapshot: folding begins with the present state.
import { column, columns, orNull } from '../db/columns.ts'
import { Parameters } from '../db/parameters.ts'
import type { TenantScope } from '../db/scope.ts'
import type { Statement, TenantDb } from '../db/statement.ts'
import type { Entity } from '../entities/entity.ts'
import { listVersions } from '../schema/version-store.ts'
import type { LoggedChange } from './fold.ts'
import { type FormerDefinitions, hasFormerKeys, inPresentForm } from './former-values.ts'
import type { RecordState } from './record-state.ts'

/** A record as it is, and what is logged of it. */
export interface RecordLog {
  id: string
  /** Null: there is none. */
  present: RecordState | null
  /** Newest first. */
  changes: LoggedChange[]
}

/** Which changes of which records are read. */
export interface LogRange {
  /** SQL of the condition on ids, of the column that is given. */
  ids: (id: string, p: Parameters) => string
  /** SQL of the changes `c`, a condition. */
  changes: (p: Parameters) => string
  /** The newest ones alone; absent: all. */
  limit?: number
}

/** Stands for the record itself among its changes. */
const PRESENT = 'p'

interface LogRow extends Omit<LoggedChange, 'op'> {
  op: LoggedChange['op'] | typeof PRESENT
}

const LOG_ROW = columns<LogRow>({
  id: column.text('x.id'),
  seq: column.text('x.seq'),
  version: column.integer('x.version'),
  op: column.text('x.op') as never,
  was: orNull(column.json('x.was')),
  wasAt: orNull(column.text('x.was_at')),
  wasBy: orNull(column.text('x.was_by')),
  madeAt: orNull(column.text('x.made_at')),
  madeBy: orNull(column.text('x.made_by')),
  schema: column.integer('x.schema'),
  actor: orNull(column.text('x.actor')),
  at: column.text('coalesce(x.at, now())'),
})

const CHANGE =
  'c.id, c.seq, c.version, c.op, c.was, c.was_at, c.was_by, c.made_at, c.made_by, c.schema, c.actor, c.at'

/** A record in the columns of a change. */
const RECORD = `r.id, 9223372036854775807, r.version, '${PRESENT}'::"char", r.data, r.updated_at, r.updated_by,
  r.created_at, r.created_by, 0, null::uuid, null::timestamptz`

function logStatement({ tenantId, id }: Entity, { ids, changes, limit }: LogRange): Statement {
  const p = new Parameters()
  const owned = (alias: string) =>
    `${alias}.tenant_id = ${p.add(tenantId)} and ${alias}.entity_id = ${p.add(id)}`
  const logged = `select ${CHANGE} from change c where ${owned('c')} and ${changes(p)} and ${ids('c.id', p)}`
  const newest = limit === undefined ? '' : `order by c.seq desc limit ${p.add(limit)}`
  const records = `select ${RECORD} from record r where ${owned('r')} and ${ids('r.id', p)}`
  const text = `select ${LOG_ROW.list} from ((${logged} ${newest}) union all (${records})) x order by x.id, x.seq desc`
  return { text, values: p.values }
}

/** The records that are among the ids, or whose changes are in the range; by id. */
export async function readLogs(
  db: Pick<TenantDb, 'read'>,
  scope: TenantScope,
  entity: Entity,
  range: LogRange,
): Promise<RecordLog[]> {
  const rows = (await db.read(scope, logStatement(entity, range))).map(LOG_ROW.decode)
  const definitions = await formerDefinitions(db, scope, entity)
  const logs = new Map<string, RecordLog>()
  for (const row of rows) {
    const log = logs.get(row.id) ?? { id: row.id, present: null, changes: [] }
    logs.set(row.id, log)
    if (row.op === PRESENT) log.present = toState(row)
    else log.changes.push(inPresentForm(entity, definitions, row as LoggedChange))
  }
  return [...logs.values()]
}

/** The changes that a condition on `c` picks, newest first. */
export async function readChanges(
  db: Pick<TenantDb, 'read'>,
  scope: TenantScope,
  entity: Entity,
  { where, limit }: { where: (p: Parameters) => string; limit: number },
): Promise<LoggedChange[]> {
  const p = new Parameters()
  const owned = `c.tenant_id = ${p.add(entity.tenantId)} and c.entity_id = ${p.add(entity.id)}`
  const text = `select ${LOG_ROW.list} from (select ${CHANGE} from change c where ${owned} and ${where(p)}
    order by c.seq desc limit ${p.add(limit)}) x order by x.seq desc`
  const rows = await db.read(scope, { text, values: p.values })
  const definitions = rows.length === 0 ? new Map() : await formerDefinitions(db, scope, entity)
  return rows.map((row) => inPresentForm(entity, definitions, LOG_ROW.decode(row) as LoggedChange))
}

/** SQL of the condition that a change is the last of a record that is gone. */
export const IS_LAST_DELETION = `c.op = 'd'
  and not exists (select from record r where r.tenant_id = c.tenant_id and r.entity_id = c.entity_id and r.id = c.id)
  and not exists (select from change n
    where n.tenant_id = c.tenant_id and n.entity_id = c.entity_id and n.id = c.id and n.seq > c.seq)`

function toState({ id, version, was, wasAt, wasBy, madeAt, madeBy }: LogRow): RecordState {
  const by = { createdBy: madeBy, updatedBy: wasBy }
  return { id, version, createdAt: madeAt as string, updatedAt: wasAt, ...by, data: was ?? {} }
}

/** Only where a field has had another form. */
async function formerDefinitions(
  db: Pick<TenantDb, 'read'>,
  scope: TenantScope,
  entity: Entity,
): Promise<FormerDefinitions> {
  if (!hasFormerKeys(entity)) return new Map()
  const versions = await listVersions(db, scope, entity, { limit: 200, before: entity.version })
  return new Map(versions.map(({ version, definition }) => [version, definition]))
}

/** SQL of the condition that the column is one of the ids. */
export const amongIds = (ids: readonly string[]) => (id: string, p: Parameters) =>
  `${id} = any(${p.add(ids)}::uuid[])`
