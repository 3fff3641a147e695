// Gives a field an index slot because its queries ask for one: when the entity has grown and a slot is free. The change
// of the definition is one like any other, so two servers that decide the same at once do it once.

import { isStaleError, retryStale } from '../db/retry-stale.ts'
import type { Queryable, TenantDb } from '../db/statement.ts'
import type { TenantSnapshot } from '../db/tenant.ts'
import type { Entity } from '../entities/entity.ts'
import { freeSlots, isIndexable, type Slots } from '../entities/slots.ts'
import { errorCode, LOCK_NOT_AVAILABLE } from '../errors/codes.ts'
import { Problem } from '../errors/problem.ts'
import { queueFill, updateSlots } from '../schema/entity-store.ts'
import type { SchemaRegistry } from '../schema/registry/registry.ts'
import type { IndexRequest } from './missing-indexes.ts'

/** Up to so many records reading all of them is about as fast. */
export const MANY_RECORDS = 2000

/** Writers wait behind the change; it gives up long before they notice, and is tried again another time. */
const LOCK_TIMEOUT_MS = 500

interface Stores {
  db: TenantDb
  registry: SchemaRegistry
}

/** The slots with one more, for this field; undefined when it cannot have one or has one. */
function withSlotFor(entity: Entity, { entityId, key }: IndexRequest): Slots | undefined {
  const field = entity.fields.find((one) => one.key === key)
  const [slot] = freeSlots(entity.slots)
  if (entity.id !== entityId || field === undefined || slot === undefined) return undefined
  if (Object.hasOwn(entity.slots, key) || !isIndexable(field)) return undefined
  return { ...entity.slots, [key]: { slot, ready: false } }
}

async function hasGrown(db: TenantDb, scope: TenantSnapshot, { id }: Entity): Promise<boolean> {
  const some = `select from record where tenant_id = $1 and entity_id = $2 limit ${MANY_RECORDS + 1}`
  const [row] = await db.read(scope, { text: `select count(*) from (${some}) x`, values: [scope.id, id] })
  return Number(row?.[0]) > MANY_RECORDS
}

async function giveSlot(tx: Queryable, entity: Entity, slots: Slots): Promise<void> {
  await tx.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`)
  // From here on every writer fills the slot.
  await tx.query('select pg_advisory_xact_lock($1)', [entity.id])
  await queueFill(tx, entity, slots)
  await updateSlots(tx, entity, slots)
}

async function assignOnce(
  { db, registry }: Stores,
  request: IndexRequest,
  tenant: TenantSnapshot,
): Promise<boolean> {
  const entity = await registry.entity(tenant, request.entity)
  const slots = withSlotFor(entity, request)
  if (slots === undefined || !(await hasGrown(db, tenant, entity))) return false
  await db.transaction(tenant, 'metadata', (tx) => giveSlot(tx, entity, slots))
  return true
}

/** Whether the field was given a slot, which then has to be filled. */
export async function assignSlot(stores: Stores, request: IndexRequest): Promise<boolean> {
  const { registry } = stores
  let tenant: TenantSnapshot | null = null
  const attempt = async () => {
    tenant = await registry.tenant(request.tenantId)
    return tenant !== null && assignOnce(stores, request, tenant)
  }
  const isOutdated = (error: unknown) => {
    if (tenant !== null && isStaleError(error)) registry.evict(tenant)
    return isStaleError(error)
  }
  return retryStale(attempt, isOutdated).catch((error) => {
    // Writers are busy, or the entity is gone: both end the request and nothing else.
    if (errorCode(error) === LOCK_NOT_AVAILABLE || error instanceof Problem) return false
    throw error
  })
}
