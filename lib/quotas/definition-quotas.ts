// The quotas of entities and fields, checked inside the change of the tenant's metadata that adds them: such changes are
// serialized, so the count cannot change in between. A tenant beyond its limit keeps what it has and is refused more.
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

/** errors.quotaExceeded when the definition, of a new entity or an existing one, needs more than is left. */
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
