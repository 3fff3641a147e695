// A tenant as requests see it.
import type { Quotas, TenantScope } from './scope.ts'
import type { Transaction } from './statement.ts'

/** The tenant's row; epoch is the state of all its metadata. */
export interface TenantRow extends TenantScope {
  readonly name: string
  readonly active: boolean
  readonly quotas: Quotas
}

/** A tenant's metadata at one epoch: what is decided with it holds as long as the database accepts the epoch. */
export type TenantSnapshot = Readonly<TenantRow>

/** What a tenant may be called. */
export const TENANT_NAME_PATTERN = '^[a-z][a-z0-9-]{1,62}$'

/** The tenant that signs in without a prefix; all operators belong to it. */
export const DEFAULT_TENANT = 'default'

/** Where tenants are looked up and made; the database plugin's decorator is one. */
export interface TenantDirectory {
  tenantById(id: string): Promise<TenantRow | null>
  tenantByName(name: string): Promise<TenantRow | null>
  /** Makes a tenant and does what belongs to it in one transaction; rejects with 23505 when the name is in use. */
  create<T>(tenantId: string, name: string, work: (tx: Transaction) => Promise<T>): Promise<T>
}
