// TenantDb over a pool of connections. Single statements are StatementSender's; transactions hold a connection from begin to
// commit and never ask for a second (that would deadlock a full pool).
import type pg from 'pg'
import type { TenantBudget } from '../concurrency/tenant-budget.ts'
import type { TenantLimiter } from '../concurrency/tenant-limiter.ts'
import { StatementScheduler } from './batching/statement-scheduler.ts'
import type { PipelinedConnections } from './connections/pipelined-connections.ts'
import { poolBudget, poolLimiter } from './connections/pool-shares.ts'
import { withoutTimeout } from './connections/socket-timeout.ts'
import { isCounted, settle } from './quota-counters.ts'
import { retryDeadlock } from './retry-deadlock.ts'
import { RowCursor } from './row-cursor.ts'
import type { TenantScope } from './scope.ts'
import type { Statement, TenantDb, TextRow, Transaction } from './statement.ts'
import type { TenantDirectory, TenantRow } from './tenant.ts'
import { queryText } from './text-rows.ts'

/** An entity whose index slots one process fills. */
export interface SlotFill {
  tenantId: string
  entityId: number
  worker: string
}

/** Streams last as long as their readers like. */
const STREAMING_SHARE = { all: 0.5, tenant: 0.3 }

/** Transactions wait for locks while they hold a connection. */
const TRANSACTIONS_SHARE = { all: 0.7, tenant: 0.4 }

export class PooledTenantDb implements TenantDb, TenantDirectory {
  readonly #pool: pg.Pool
  readonly #statements: StatementScheduler
  readonly #turns: TenantLimiter
  readonly #streams: TenantBudget

  constructor(pool: pg.Pool, pipelines: PipelinedConnections) {
    this.#pool = pool
    this.#statements = new StatementScheduler(pool, pipelines)
    this.#turns = poolLimiter(pool, TRANSACTIONS_SHARE)
    this.#streams = poolBudget(pool, STREAMING_SHARE)
  }

  read(scope: TenantScope, statement: Statement): Promise<TextRow[]> {
    return this.#statements.read(scope, statement)
  }

  readQuick(scope: TenantScope, statement: Statement): Promise<TextRow[]> {
    return this.#statements.readQuick(scope, statement)
  }

  readBatched(scope: TenantScope, statement: Statement): Promise<TextRow[]> {
    return this.#statements.readBatched(scope, statement)
  }

  /** errors.unavailable while too many others are being read, or too many of the tenant. */
  async stream(scope: TenantScope, statement: Statement): Promise<RowCursor> {
    const { release } = this.#streams.open(scope.id)
    const client = await this.#pool.connect().catch((error) => {
      release()
      throw error
    })
    const enter = { text: 'select enter_read($1, $2)', values: [scope.id, scope.epoch] }
    return RowCursor.open(client, enter, statement, release)
  }

  write(scope: TenantScope, entityIds: readonly number[], statement: Statement): Promise<TextRow[]> {
    return this.#statements.write(scope, entityIds, statement)
  }

  writeBatched(scope: TenantScope, entityId: number, statement: Statement): Promise<TextRow[]> {
    return this.#statements.writeBatched(scope, entityId, statement)
  }

  transaction<T>(
    scope: TenantScope,
    entityIds: readonly number[],
    work: (tx: Transaction) => Promise<T>,
  ): Promise<T> {
    const enter = { text: 'select enter_write($1, $2, $3)', values: [scope.id, scope.epoch, entityIds] }
    const run = () => retryDeadlock(() => this.#transact(enter, work, scope))
    return entityIds.length === 0 ? run() : this.#turns.run(scope.id, run)
  }

  change<T>(scope: TenantScope, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const enter = { text: 'select enter_change($1, $2)', values: [scope.id, scope.epoch] }
    return retryDeadlock(() => this.#transact(enter, work, scope))
  }

  create<T>(tenantId: string, name: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#transact({ text: 'select enter_new_tenant($1, $2)', values: [tenantId, name] }, work)
  }

  tenantById(id: string): Promise<TenantRow | null> {
    return this.#findTenant('tenant_by_id($1)', id)
  }

  tenantByName(name: string): Promise<TenantRow | null> {
    return this.#findTenant('tenant_by_name($1)', name)
  }

  /**
   * The tenant of that name, if it is active and has opened something to callers without a token.
   *
   * @param entity what must be open; null: any entity that can be read
   */
  tenantOpenToAnonymous(name: string, entity: string | null): Promise<TenantRow | null> {
    return this.#findTenant('tenant_open_to_anonymous($1, $2)', name, entity)
  }

  /** An entity whose index slots wait to be filled, of whatever tenant, for this process to work on; null: none. */
  async claimSlotFill(worker: string): Promise<SlotFill | null> {
    const { rows } = await this.#pool.query<{ tenant_id: string; entity_id: number }>(
      'select tenant_id, entity_id::float8 as entity_id from claim_slot_fill($1)',
      [worker],
    )
    return rows[0] === undefined ? null : { tenantId: rows[0].tenant_id, entityId: rows[0].entity_id, worker }
  }

  /** The ids of the tenants that are deleted and not yet purged. */
  async deletedTenants(): Promise<string[]> {
    const { rows } = await this.#pool.query<{ id: string }>('select deleted_tenants() as id')
    return rows.map(({ id }) => id)
  }

  /** The transactions of this database under way, whoever runs them. */
  async runningTransactions(): Promise<string[]> {
    const { rows } = await this.#pool.query<{ id: string }>(
      `select l.virtualtransaction as id from pg_locks l join pg_stat_activity a on a.pid = l.pid
        where l.locktype = 'virtualxid' and l.granted and l.pid <> pg_backend_pid()
          and a.datid = (select oid from pg_database where datname = current_database())`,
    )
    return rows.map(({ id }) => id)
  }

  /** Calls a function that belongs to no tenant, as a transaction of its own. */
  async call<T extends object>(text: string, values: unknown[]): Promise<T[]> {
    return (await this.#pool.query<T>(text, values)).rows
  }

  /** Resolves when the database answers. */
  async ping(): Promise<void> {
    await this.#pool.query('select 1')
  }

  /** @param scope settles at the end what was counted of the tenant's quotas */
  async #transact<T>(
    enter: Statement,
    work: (tx: Transaction) => Promise<T>,
    scope?: TenantScope,
  ): Promise<T> {
    const client = await this.#pool.connect()
    let broken = false
    try {
      await client.query('begin')
      await client.query(enter.text, [...enter.values])
      if (scope !== undefined && isCounted(scope)) await client.query("set local app.settles_quotas = 'on'")
      const tx = transactionOn(client)
      const result = await withoutTimeout(client, () => work(tx))
      if (scope !== undefined) await settle(tx, scope)
      await client.query('commit')
      return result
    } catch (error) {
      await client.query('rollback').catch(() => {
        broken = true
      })
      throw error
    } finally {
      client.release(broken)
    }
  }

  async #findTenant(call: string, ...values: (string | null)[]): Promise<TenantRow | null> {
    const text = `select id, name, active, quotas, epoch::float8 as epoch from ${call}`
    const { rows } = await this.#pool.query<TenantRow>(text, values)
    return rows[0] ?? null
  }
}

function transactionOn(client: pg.PoolClient): Transaction {
  return {
    query: (text, values) => client.query(text, values as unknown[]) as never,
    read: (statement) => queryText(client, statement),
  }
}
