// The tenant that a statement runs in, at one epoch, with its quotas.
import type { DatabaseTime } from './database-time.ts'

/** A tenant at one state of its metadata: every statement carries both, and the database refuses an old epoch. */
export interface TenantScope {
  readonly id: string
  readonly epoch: number
  /** What the tenant may have at most; part of that state. */
  readonly quotas?: Quotas
  /** Whether the database returns what an update has replaced, as PostgreSQL does from version 18 on. */
  readonly returnsOld?: boolean
  /** Where the time of its statements is added up. */
  readonly time?: DatabaseTime
}

export const QUOTA_NAMES = ['entities', 'fields', 'records', 'file_bytes', 'requests_per_minute'] as const

export type QuotaName = (typeof QUOTA_NAMES)[number]

/** The limits that there are; what is absent has none. */
export type Quotas = Readonly<Partial<Record<QuotaName, number>>>
