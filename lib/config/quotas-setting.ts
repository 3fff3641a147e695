// The setting of quotas: a JSON object in the grammar in which operators set the quotas of a tenant.
import { QUOTA_NAMES, type Quotas } from '../db/scope.ts'
import { mergeQuotas, type QuotaChanges } from '../quotas/quota.ts'
import type { Setting } from './setting.ts'

const isLimit = (value: unknown) => value === null || (Number.isSafeInteger(value) && Number(value) >= 0)

function isQuotas(value: unknown): value is QuotaChanges {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const names: readonly string[] = QUOTA_NAMES
  return Object.entries(value).every(([name, limit]) => names.includes(name) && isLimit(limit))
}

function read(text: string): Quotas | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isQuotas(value) ? mergeQuotas({}, value) : undefined
  } catch {
    return undefined
  }
}

/** Limits of a tenant by their names; null and what is absent: no limit. */
export function quotas(): Setting<Quotas> {
  return {
    fallback: {},
    read,
    allowed: `a JSON object such as {"records":100000} with whole numbers (or null) for any of ${QUOTA_NAMES.join(', ')}`,
  }
}
