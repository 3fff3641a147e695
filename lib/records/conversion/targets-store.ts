// Other entities that the values of a change lead to: their ids, and the records that texts name.
import type { Transaction } from '../../db/statement.ts'
import type { Entity, PendingChange } from '../../entities/entity.ts'
import { targetsOf } from '../../entities/references.ts'
import type { Lookups } from '../../schema/conversion/convert-value.ts'
import type { FieldConversion } from '../../schema/conversion/field-conversion.ts'
import { lookUp, lookupSources, lookupTargets } from '../../schema/conversion/lookup-store.ts'
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
  entity: Entity & { pending: PendingChange },
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
  const sources = lookupSources(conversions, await entitiesNamed(tx, entity.tenantId, targets))
  for (const [key, source] of sources) {
    const values = records.map(({ data }) => data[source.conversion.from.key])
    found.set(key, await lookUp(tx, source, values))
  }
  return found
}
