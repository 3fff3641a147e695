// Other entities that the values of a change lead to: their ids, and the records that texts name.
import type { TenantScope } from '../../db/scope.ts'
import type { Transaction } from '../../db/statement.ts'
import type { Entity, PendingChange } from '../../entities/entity.ts'
import { targetsOf } from '../../entities/references.ts'
import type { Lookups } from '../../schema/conversion/convert-value.ts'
import type { FieldConversion } from '../../schema/conversion/field-conversion.ts'
import {
  type LookupSource,
  lookUp,
  lookupSources,
  lookupTargets,
} from '../../schema/conversion/lookup-store.ts'
import { entitiesNamed } from '../../schema/entity-store.ts'
import type { TargetIds } from '../write/column-changes.ts'
import type { CurrentRecord } from '../write/lock-store.ts'

/** Ids of the entities that the fields lead to. */
export async function targetIdsOf(tx: Transaction, entity: Entity): Promise<TargetIds> {
  const named = await entitiesNamed(tx, entity.tenantId, targetsOf(entity))
  return new Map([...named].map(([name, { id }]) => [name, id]))
}

/** What the values of records are converted by, by the new keys of the fields. */
export async function lookUpValues(
  tx: Transaction,
  { scope, entity }: { scope: TenantScope; entity: Entity & { pending: PendingChange } },
  records: readonly CurrentRecord[],
): Promise<Map<string, Lookups>> {
  const conversions = entity.pending.fields.flatMap(({ from, to, options = {} }) =>
    from === undefined || from.key === to.key
      ? []
      : [[to.key, { from, to, options } as FieldConversion] as const],
  )
  const targets = lookupTargets(conversions)
  const found = new Map<string, Lookups>()
  if (targets.length === 0) return found
  const sources = lookupSources(conversions, await lockedTargets(tx, entity, conversions))
  for (const [key, source] of sources) {
    const values = records.map(({ data }) => data[source.conversion.from.key])
    found.set(key, await lookUp(tx, whileSettled(source), values, scope))
  }
  return found
}

/** The entities that lead to records; those in which records are made change no definition meanwhile. */
async function lockedTargets(
  tx: Transaction,
  { tenantId }: Entity,
  conversions: readonly (readonly [string, FieldConversion])[],
): Promise<Map<string, Entity>> {
  const creating = lookupTargets(conversions.filter(([, { options }]) => options.missing === 'create'))
  for (const { id } of (await entitiesNamed(tx, tenantId, creating)).values())
    await tx.query('select pg_advisory_xact_lock_shared($1)', [id])
  return entitiesNamed(tx, tenantId, lookupTargets(conversions))
}

/** No record is made in an entity that is itself being changed: it would lack what is prepared there. */
function whileSettled(source: LookupSource): LookupSource {
  const { conversion, target } = source
  if (target.pending === undefined || conversion.options.missing !== 'create') return source
  const { missing: _, ...options } = conversion.options
  return { ...source, conversion: { ...conversion, options } }
}
