// Puts a prepared change in force, with writers locked out for milliseconds: every record is prepared, so that only what was
// noted since the last look is looked at. Records that do not fit block it, until they are mended or it is cancelled.
import { recordAudit } from '../../audit/audit-store.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { Transaction } from '../../db/statement.ts'
import { definitionOf, type Entity, type PendingChange } from '../../entities/entity.ts'
import { misfitKeyOf } from '../../entities/pending.ts'
import type { EntityJob } from '../../schema/batch-step-store.ts'
import { describeChange, diffDefinitions } from '../../schema/change/diff.ts'
import { followNames, requireFreeName } from '../../schema/change/names-store.ts'
import {
  blockConversion,
  type Conversion,
  deleteConversion,
  lockConversion,
} from '../../schema/conversion/conversion-store.ts'
import type { ConvertOptions } from '../../schema/conversion/convert-options.ts'
import { lockBriefly } from '../../schema/conversion/entity-lock-store.ts'
import { forgetFields, hasMisfits, uncheckedRecords } from '../../schema/conversion/misfit-store.ts'
import { definitionInForce } from '../../schema/conversion/pending-change.ts'
import { findEntityById, queueFill, updateEntity } from '../../schema/entity-store.ts'
import { movePlan } from '../../schema/plan/plan-store.ts'
import { insertVersion } from '../../schema/version-store.ts'
import { settleRecords } from './settle-store.ts'

/** Records that are looked at while writers are locked out. */
const MOST_UNCHECKED = 100

/** Changes that an entry of the audit log names. */
const NAMED_CHANGES = 20

/** Seconds until a change that is blocked is looked at again. */
const REST = 5

export type FlipOutcome = 'applied' | 'blocked' | 'again' | 'gone'

const otherwiseOf = ({ options = {} }: PendingChange['fields'][number]) =>
  (options as ConvertOptions).otherwise ?? 'refuse'

/** Puts the change in force, in a change of the tenant's metadata; LOCK_NOT_AVAILABLE. */
export async function flip(tx: Transaction, scope: TenantScope, job: EntityJob): Promise<FlipOutcome> {
  await lockBriefly(tx, job.entityId)
  const conversion = await lockConversion(tx, job)
  const now = await findEntityById(tx, job)
  const { pending } = now ?? {}
  if (conversion === undefined || now === undefined || pending?.id !== conversion.planId) return 'gone'
  const unchecked = await uncheckedRecords(tx, now, MOST_UNCHECKED + 1)
  if (unchecked.length > MOST_UNCHECKED) return 'again'
  await settleRecords(tx, { scope, entity: { ...now, pending } }, unchecked)
  if (await isBlocked(tx, now, pending)) {
    await blockConversion(tx, job, { ...conversion, seconds: REST })
    return 'blocked'
  }
  await putInForce(tx, { now, pending, conversion })
  return 'applied'
}

function isBlocked(
  tx: Transaction,
  entity: Entity,
  { fields, constraints }: PendingChange,
): Promise<boolean> {
  const refusing = fields.filter((field) => otherwiseOf(field) !== 'quarantine')
  return hasMisfits(tx, entity, {
    keys: refusing.map(({ to }) => to.key),
    taken: constraints.map(misfitKeyOf),
  })
}

interface Flip {
  now: Entity
  pending: PendingChange
  conversion: Conversion
}

async function putInForce(tx: Transaction, { now, pending, conversion }: Flip): Promise<Entity> {
  const { change, planId } = conversion
  const { author, action, grace } = change
  const planned: Entity = { ...now, ...change.definition, name: change.name }
  const next = await withListed(tx, definitionInForce(now, planned, pending), pending)
  if (next.name !== now.name) await requireFreeName(tx, next)
  await queueFill(tx, now, next.slots)
  const entity = await updateEntity(tx, next, definitionOf(next))
  const keys = new Map(pending.fields.flatMap(({ from, to }) => (from ? [[from.key, to.key] as const] : [])))
  await followNames(tx, { current: now, next: entity, grace, author, keys })
  const changes = diffDefinitions(now, entity).map(describeChange)
  await insertVersion(tx, entity, { author, plan: planId }, changes)
  await movePlan(tx, entity, { plan: planId, from: ['filling', 'blocked'], to: 'applied' })
  await deleteConversion(tx, now)
  if (author !== null) {
    const actor = { ...author, tenant: { id: now.tenantId } }
    const details = {
      version: entity.version,
      changes: changes.slice(0, NAMED_CHANGES),
      plan: planId,
    }
    await recordAudit(tx, actor, { action, target: entity.name, details })
  }
  return entity
}

/** The definition with a mark on the fields of which values stay listed; the others are taken off the list. */
async function withListed(tx: Transaction, next: Entity, { fields }: PendingChange): Promise<Entity> {
  const listed = new Set<string>()
  for (const field of fields) {
    const { key } = field.to
    if (otherwiseOf(field) === 'quarantine' && (await hasMisfits(tx, next, { keys: [key] }))) listed.add(key)
  }
  const others = fields.map(({ to }) => to.key).filter((key) => !listed.has(key))
  await forgetFields(tx, next, others)
  const marked = next.fields.map((field) => {
    const [last, ...earlier] = field.from ?? []
    if (last === undefined || !listed.has(field.key)) return field
    return { ...field, from: [{ ...last, listed: true as const }, ...earlier] }
  })
  return { ...next, fields: marked }
}
