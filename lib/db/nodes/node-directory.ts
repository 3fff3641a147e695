// TenantDirectory over several nodes: names are looked up at the coordinator, tenants where they are, and work among all of
// them in each group of shards, of which one that does not answer holds up no other.
import { NOBODY, type TenantRow } from '../tenant.ts'
import { TenantDirectory } from '../tenant-directory.ts'
import type { Nodes } from './nodes.ts'

export class NodeDirectory extends TenantDirectory {
  readonly #nodes: Nodes

  constructor(nodes: Nodes) {
    super(nodes.coordinator.pool)
    this.#nodes = nodes
  }

  /** The id of the tenant of that name; null: there is none. */
  readonly idOf = async (name: string): Promise<string | null> => {
    const [row] = await this.call<{ id: string | null }>('select directory_id($1) as id', [name])
    return row?.id ?? null
  }

  override tenantById(id: string): Promise<TenantRow | null> {
    return this.#at(id, (there) => there.tenantById(id))
  }

  override async tenantByName(name: string): Promise<TenantRow | null> {
    const id = await this.idOf(name)
    return id === null ? null : this.tenantById(id)
  }

  override async tenantForSignIn(name: string): Promise<TenantRow | null> {
    const id = (await this.idOf(name)) ?? NOBODY
    const find = (tenantId: string) =>
      this.#at(tenantId, (there) => there.findTenant('tenant_to_sign_in($1)', [tenantId]))
    return (await find(id)) ?? find(NOBODY)
  }

  override async tenantOpenToAnonymous(name: string, entity: string | null): Promise<TenantRow | null> {
    const id = (await this.idOf(name)) ?? NOBODY
    return this.#at(id, (there) => there.findTenant('tenant_to_visit($1, $2)', [id, entity]))
  }

  override async callCounting<T extends object>(name: string, text: string, values: unknown[]): Promise<T[]> {
    const id = (await this.idOf(name)) ?? NOBODY
    return this.#at(id, (there) => there.call<T>(text, [id, ...values]))
  }

  override call<T extends object>(text: string, values: unknown[] = []): Promise<T[]> {
    return this.#nodes.anywhere((pool) => new TenantDirectory(pool).call<T>(text, values))
  }

  override async callEach<T extends object>(text: string, values: unknown[] = []): Promise<T[]> {
    const rows: T[] = []
    let failure: { error: unknown } | undefined
    let answered = 0
    for (const part of await this.parts()) {
      try {
        rows.push(...(await part.call<T>(text, values)))
        answered++
      } catch (error) {
        failure ??= { error }
      }
    }
    if (failure !== undefined && answered === 0) throw failure.error
    if (failure !== undefined) void this.#nodes.refresh().catch(() => {})
    return rows
  }

  override async parts(): Promise<TenantDirectory[]> {
    return (await this.#nodes.all()).map((connections) => new TenantDirectory(connections))
  }

  #at<T>(tenantId: string, work: (there: TenantDirectory) => Promise<T>): Promise<T> {
    return this.#nodes.at(tenantId, ({ pool }) => work(new TenantDirectory(pool)))
  }
}
