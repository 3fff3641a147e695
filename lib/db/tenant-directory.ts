// What belongs to no tenant: tenants looked up and created, work to find among all of them, and the database itself. Each
// call is a statement of its own on a connection of the pool, outside of any tenant.
import type pg from 'pg'
import type { Transaction } from './statement.ts'
import { publishStatement, statementChannel } from './statement-channel.ts'
import { NOBODY, type TenantRow } from './tenant.ts'
import { transact } from './transact.ts'

/** An entity whose index slots one process fills. */
export interface SlotFill {
  tenantId: string
  entityId: number
  worker: string
}

const RETURNS_OLD = `current_setting('server_version_num')::int >= 180000`

/** What is needed of a pool. */
export type Connections = Pick<pg.Pool, 'connect'> & {
  query<T extends object>(text: string, values: unknown[]): Promise<{ rows: T[] }>
}

export class TenantDirectory {
  readonly #pool: Connections

  constructor(pool: Connections) {
    this.#pool = pool
  }

  tenantById(id: string): Promise<TenantRow | null> {
    return this.findTenant('tenant_by_id($1)', [id])
  }

  tenantByName(name: string): Promise<TenantRow | null> {
    return this.findTenant('tenant_by_name($1)', [name])
  }

  /** The active tenant of that name, or the one without users in which sign-ins at any other name do the same work. */
  tenantForSignIn(name: string): Promise<TenantRow | null> {
    return this.findTenant('tenant_for_sign_in($1)', [name])
  }

  /**
   * The tenant of that name, if it is active and has opened something to callers without a token.
   *
   * @param entity what must be open; null: any entity that can be read
   */
  tenantOpenToAnonymous(name: string, entity: string | null): Promise<TenantRow | null> {
    return this.findTenant('tenant_open_to_anonymous($1, $2)', [name, entity])
  }

  /** Creates a tenant and does `work` in one transaction; rejects with UNIQUE_VIOLATION when the name is in use. */
  create<T>(tenantId: string, name: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const enter = { text: 'select enter_new_tenant($1, $2)', values: [tenantId, name] }
    const connect = async () => {
      const client = await this.#pool.connect()
      return { client, release: (broken = false) => client.release(broken) }
    }
    return transact(connect, { enter }, work)
  }

  /** Claims for this process an entity, of any tenant, whose index slots are to be filled; null when there is none. */
  claimSlotFill(worker: string): Promise<SlotFill | null> {
    return this.#claimFill('claim_slot_fill', worker)
  }

  /** Claims for this process an entity, of any tenant, whose sort keys are to be derived again; null when there is none. */
  claimKeyFill(worker: string): Promise<SlotFill | null> {
    return this.#claimFill('claim_key_fill', worker)
  }

  async #claimFill(claim: string, worker: string): Promise<SlotFill | null> {
    const [row] = await this.callEach<{ tenant_id: string; entity_id: number }>(
      `select tenant_id, entity_id::float8 as entity_id from ${claim}($1)`,
      [worker],
    )
    return row === undefined ? null : { tenantId: row.tenant_id, entityId: row.entity_id, worker }
  }

  /** The ids of the tenants that are deleted and not yet purged. */
  async deletedTenants(): Promise<string[]> {
    const rows = await this.callEach<{ id: string }>('select deleted_tenants() as id')
    return rows.map(({ id }) => id)
  }

  /** The ids of the tenants with former names whose time is over by this moment (Unix, in milliseconds). */
  async tenantsOfEndedAliases(now: number): Promise<string[]> {
    const rows = await this.callEach<{ id: string }>('select tenants_of_ended_aliases($1) as id', [
      new Date(now).toISOString(),
    ])
    return rows.map(({ id }) => id)
  }

  /** The virtual ids of the transactions of this database under way, of this process or another. */
  async runningTransactions(): Promise<string[]> {
    const rows = await this.callEach<{ id: string }>(
      `select l.virtualtransaction || ' of ' || pg_postmaster_start_time() as id from pg_locks l join pg_stat_activity a on a.pid = l.pid
        where l.locktype = 'virtualxid' and l.granted and l.pid <> pg_backend_pid()
          and a.datid = (select oid from pg_database where datname = current_database())`,
    )
    return rows.map(({ id }) => id)
  }

  /** How many entities wait for each kind of background work, in all tenants. */
  async queueLengths(): Promise<Record<string, number>> {
    const rows = await this.callEach<{ queue: string; waiting: number }>(
      'select queue, waiting::float8 as waiting from queue_lengths()',
    )
    const lengths: Record<string, number> = {}
    for (const { queue, waiting } of rows) lengths[queue] = (lengths[queue] ?? 0) + waiting
    return lengths
  }

  /** Resolves when the database answers. */
  async ping(): Promise<void> {
    await this.call('select 1')
  }

  /** Calls a function that belongs to no tenant, as a transaction of its own; its rows. */
  async call<T extends object>(text: string, values: unknown[] = []): Promise<T[]> {
    if (statementChannel.hasSubscribers) publishStatement(text, values)
    return (await this.#pool.query<T>(text, values)).rows
  }

  /** Those of the groups of tenants that are apart from each other. */
  async parts(): Promise<TenantDirectory[]> {
    return [this]
  }

  /** Calls a function that looks among all tenants, where there are several nodes at each of them; the rows of all. */
  callEach<T extends object>(text: string, values: unknown[] = []): Promise<T[]> {
    return this.call(text, values)
  }

  /**
   * Calls a function on what sign-ins at the tenant of that name have in common; its first argument is put in: the tenant whose
   * place counts for all.
   */
  callCounting<T extends object>(_tenant: string, text: string, values: unknown[]): Promise<T[]> {
    return this.call(text, [NOBODY, ...values])
  }

  /** Calls a function that gives one tenant, or none. */
  async findTenant(call: string, values: (string | null)[]): Promise<TenantRow | null> {
    const text = `select id, name, active, quotas, epoch::float8 as epoch, ${RETURNS_OLD} as "returnsOld" from ${call}`
    return (await this.call<TenantRow>(text, values))[0] ?? null
  }
}
