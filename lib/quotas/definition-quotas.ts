// The quotas of entities and fields, checked inside the change of the tenant's metadata that adds them: such changes
// happen one at a time, so nothing comes in between. What a tenant has already is never refused, only more of it.
import type { QuotaName, Quotas } from '../db/scope.ts'
import { errors } from '../errors.ts'

interface Described {
  readonly name: string
  readonly fields: readonly unknown[]
}

function check(quotas: Quotas, quota: QuotaName, used: number, more: number): void {
  const limit = quotas[quota]
  if (limit !== undefined && more > 0 && used + more > limit)
    throw errors.quotaExceeded({ quota, limit, used }, more)
}

/** errors.quotaExceeded when the definition, new or of an entity that there is, takes more than is left. */
export function checkDefinitionQuotas(
  quotas: Quotas | undefined,
  entities: readonly Described[],
  next: Described,
): void {
  const present = entities.find(({ name }) => name === next.name)
  if (quotas === undefined) return
  check(quotas, 'entities', entities.length, present === undefined ? 1 : 0)
  const fields = entities.reduce((sum, entity) => sum + entity.fields.length, 0)
  check(quotas, 'fields', fields, next.fields.length - (present?.fields.length ?? 0))
}
