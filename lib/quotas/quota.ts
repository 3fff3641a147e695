// What an operator lets a tenant have at most. Entities and fields are counted inside the change of metadata that adds
// them; records and the bytes of files by the statements that add and remove them; requests by the minute.
import { QUOTA_NAMES, type QuotaName, type Quotas } from '../db/scope.ts'

/** Limits as the API has them: null is none. */
export type QuotaChanges = Readonly<Partial<Record<QuotaName, number | null>>>

/** The limits after a change of some of them. */
export function mergeQuotas(present: Quotas, changes: QuotaChanges): Quotas {
  const merged = Object.entries({ ...present, ...changes }).filter(([, limit]) => limit !== null)
  return Object.fromEntries(merged)
}

/** Every limit, in one order. */
export function presentQuotas(quotas: Quotas): Record<QuotaName, number | null> {
  const entries = QUOTA_NAMES.map((name) => [name, quotas[name] ?? null])
  return Object.fromEntries(entries) as Record<QuotaName, number | null>
}
