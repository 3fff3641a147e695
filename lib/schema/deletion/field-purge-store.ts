// Dropped fields: which there are, and the request to purge their values, which a background job carries out.
import { recordAudit } from '../../audit/audit-store.ts'
import { onPresentEpoch } from '../../db/current-epoch.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { Statement, TenantDb, Transaction } from '../../db/statement.ts'
import type { TenantDirectory } from '../../db/tenant-directory.ts'
import type { Entity } from '../../entities/entity.ts'
import { errors } from '../../errors.ts'
import { listed } from '../../fields/expectation.ts'
import { violation } from '../../fields/violation.ts'
import { type Author, currentEntity } from '../change/definition-store.ts'
import { type DroppedField, droppedFields } from '../change/rollback.ts'
import { updatePurgedKeys } from '../entity-store.ts'
import { findPlan, movePlan } from '../plan/plan-store.ts'
import { purgedCandidate } from '../plan/purge-plan-store.ts'
import { listVersions } from '../version-store.ts'

/** Which dropped fields: by their keys, or by the names that they had; neither: all. */
export interface DroppedSelection {
  keys?: string[] | undefined
  fields?: string[] | undefined
}

/** Versions that are searched for dropped fields. */
const SEARCHED = 1000

/** The dropped fields of an entity, last dropped first. */
export async function listDropped(
  db: Pick<TenantDb, 'read'>,
  scope: TenantScope,
  entity: Entity,
): Promise<DroppedField[]> {
  return droppedFields(entity, await listVersions(db, scope, entity, { limit: SEARCHED }))
}

/** The fields among the dropped ones whose values are kept; errors.invalidBody for a key or a name that none has. */
export function selectDropped(
  dropped: readonly DroppedField[],
  { keys, fields }: DroppedSelection,
): DroppedField[] {
  const unknown = [
    ...findUnknown(
      'keys',
      keys,
      dropped.map(({ key }) => key),
    ),
    ...findUnknown(
      'fields',
      fields,
      dropped.map(({ name }) => name),
    ),
  ]
  if (unknown.length > 0) throw errors.invalidBody(unknown)
  const isMeant = ({ key, name }: DroppedField) =>
    (keys === undefined && fields === undefined) || keys?.includes(key) || fields?.includes(name)
  return dropped.filter((field) => field.data === 'kept' && isMeant(field))
}

function findUnknown(member: string, wanted: readonly string[] = [], known: readonly string[]) {
  const are = known.length === 0 ? 'there are none' : `those are ${listed(known)}`
  return wanted.flatMap((one, at) =>
    known.includes(one) ? [] : [violation('unknown', `is no dropped field; ${are}`, `/${member}/${at}`)],
  )
}

/** Has the values of dropped fields purged, for good; answers which. errors.entityNotFound, errors.invalidBody. */
export function purgeFields(
  db: TenantDb,
  author: Author,
  { entity: name, plan, ...selection }: DroppedSelection & { entity: string; plan?: string | undefined },
): Promise<DroppedField[]> {
  const { tenant } = author
  return db.transaction(tenant, 'metadata', async (tx) => {
    const entity = await currentEntity(tx, tenant, name, undefined)
    const within = { read: (_scope: TenantScope, statement: Statement) => tx.read(statement) }
    const selected = selectDropped(await listDropped(within, tenant, entity), selection)
    if (plan !== undefined) await takePlan(tx, { entity, id: plan }, selected)
    if (selected.length === 0) return selected
    await queuePurge(
      tx,
      entity,
      selected.map(({ key }) => key),
    )
    const details = { fields: selected.map((field) => field.name), ...(plan === undefined ? {} : { plan }) }
    await recordAudit(tx, author, { action: 'schema.purge_fields', target: entity.name, details })
    return selected.map((field): DroppedField => ({ ...field, data: 'purged' }))
  })
}

/** errors.planNotFound, errors.schemaChanged, errors.planMismatch unless the plan is for the purge of these fields. */
async function takePlan(
  tx: Transaction,
  named: { entity: Entity; id: string },
  fields: readonly DroppedField[],
): Promise<void> {
  const { entity, id } = named
  const { kind, state, baseVersion, seal } = await findPlan(tx, undefined, named)
  if (baseVersion !== entity.version) throw errors.schemaChanged()
  const isMeant = kind === 'purge' && state === 'planned' && seal.candidate === purgedCandidate(fields)
  if (!isMeant) throw errors.planMismatch(id)
  await movePlan(tx, entity, { plan: id, from: ['planned'], to: 'applied' })
}

/** From now on the fields cannot come back with their values. */
async function queuePurge(tx: Transaction, entity: Entity, keys: string[]): Promise<void> {
  await updatePurgedKeys(tx, entity, [...(entity.purgedKeys ?? []), ...keys])
  await tx.query(
    `insert into field_purge as p (tenant_id, entity_id, keys) values ($1, $2, $3)
     on conflict (tenant_id, entity_id) do update set keys = p.keys || excluded.keys, after_id = default`,
    [entity.tenantId, entity.id, keys],
  )
}

/** Whether values of the entity's dropped fields are still to be purged. */
export function isPurging({ db, directory }: PurgeStores, { tenantId, id }: Entity): Promise<boolean> {
  const text = 'select 1 from field_purge where tenant_id = $1 and entity_id = $2'
  // The purge itself has changed the tenant's metadata since the request began.
  return onPresentEpoch(directory, tenantId, async (scope) => {
    const rows = await db.read(scope, { text, values: [tenantId, id], cost: 'row' })
    return rows.length > 0
  })
}

/** Where purges are under way; the server itself has this shape. */
export interface PurgeStores {
  db: Pick<TenantDb, 'read'>
  directory: Pick<TenantDirectory, 'tenantById'>
}
