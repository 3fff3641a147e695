// A tenant as requests see it: its row, and the names that it may have.
import type { Quotas, TenantScope } from './scope.ts'

/** The tenant's row; epoch is the state of all its metadata. */
export interface TenantRow extends TenantScope {
  readonly name: string
  readonly active: boolean
  readonly quotas: Quotas
}

/** A tenant's metadata at one epoch: what is decided with it holds as long as the database accepts the epoch. */
export type TenantSnapshot = Readonly<TenantRow>

/** The names that a tenant may have, as the pattern of a JSON Schema. */
export const TENANT_NAME_PATTERN = '^[a-z][a-z0-9-]{1,62}$'

/** The tenant, without a name or users, of sign-ins at a name that no tenant has. */
export const NOBODY = '00000000-0000-0000-0000-000000000000'

/** The tenant that signs in without a prefix; all operators belong to it. */
export const DEFAULT_TENANT = 'default'
