// Admits callers without a token as `anonymous` to the tenant that they name, where it has opened something to this role.
// Any other case (no such tenant, a suspended one, an entity that is closed or missing) is the same 401 after the same
// look-up, so that nothing can be learned of a tenant from outside.
import { LRUCache } from 'lru-cache'
import { ANONYMOUS } from '../access/roles.ts'
import { DEFAULT_TENANT, type TenantSnapshot } from '../db/tenant.ts'
import type { TenantDirectory } from '../db/tenant-directory.ts'
import { errors } from '../errors.ts'
import type { SchemaRegistry } from '../schema/registry/registry.ts'
import type { Caller } from './caller.ts'

/** Open entities that are remembered, of all tenants. */
const REMEMBERED = 10_000

/** A name that no tenant and no entity can have, looked up like any other. */
const NO_NAME = ''

const NAME = /^[a-z][a-z0-9_-]{0,62}$/

export interface AnonymousRequest {
  /** The X-Tenant header; without it the tenant is the default one. */
  tenant: string | undefined
  /** The entity that the path names; undefined: any one that can be read. */
  entity: string | undefined
}

interface Metadata {
  directory: Pick<TenantDirectory, 'tenantOpenToAnonymous'>
  registry: Pick<SchemaRegistry, 'tenant' | 'remember'>
}

const nameOf = (text: string) => (NAME.test(text) ? text : NO_NAME)

export class AnonymousAccess {
  readonly #metadata: Metadata
  readonly #open = new LRUCache<string, TenantSnapshot>({ max: REMEMBERED })

  constructor(metadata: Metadata) {
    this.#metadata = metadata
  }

  /** The caller of a request without a token; errors.unauthenticated. */
  async admit({ tenant: header = DEFAULT_TENANT, entity }: AnonymousRequest): Promise<Caller> {
    const name = nameOf(header)
    const of = entity === undefined ? null : nameOf(entity)
    const key = `${name}/${of ?? ''}`
    const tenant = (await this.#known(key)) ?? (await this.#lookUp(name, of))
    if (tenant === null) throw errors.unauthenticated()
    this.#open.set(key, tenant)
    return { id: null, username: ANONYMOUS, role: ANONYMOUS, session: null, tenant }
  }

  /** What was open stays so as long as the tenant's epoch is in force; the database refuses statements of an older one. */
  async #known(key: string): Promise<TenantSnapshot | null> {
    const known = this.#open.get(key)
    if (known === undefined) return null
    const present = await this.#metadata.registry.tenant(known.id)
    return present?.epoch === known.epoch ? present : null
  }

  async #lookUp(name: string, entity: string | null): Promise<TenantSnapshot | null> {
    const { directory, registry } = this.#metadata
    const tenant = await directory.tenantOpenToAnonymous(name, entity)
    if (tenant !== null) registry.remember(tenant)
    return tenant
  }
}
