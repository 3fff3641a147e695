// The limits that an operator sets for a tenant. Entities and fields are counted inside the change of metadata that adds
// them, records and bytes of files by the statements that add and remove them, requests by the minute.
import { QUOTA_NAMES, type QuotaName, type Quotas } from '../db/scope.ts'

/** Limits to set, as in the API; null removes one. */
export type QuotaChanges = Readonly<Partial<Record<QuotaName, number | null>>>

/** The limits after a change of some of them. */
export function mergeQuotas(present: Quotas, changes: QuotaChanges): Quotas {
  const merged = Object.entries({ ...present, ...changes }).filter(([, limit]) => limit !== null)
  return Object.fromEntries(merged)
}

/** Every limit, in the order of QUOTA_NAMES; null: none. */
export function presentQuotas(quotas: Quotas): Record<QuotaName, number | null> {
  const entries = QUOTA_NAMES.map((name) => [name, quotas[name] ?? null])
  return Object.fromEntries(entries) as Record<QuotaName, number | null>
}
