// A transaction that holds a connection from begin to commit. It never takes a second one: that would deadlock a full pool.
import type pg from 'pg'
import type { Lease } from './connections/gated-pool.ts'
import { withoutTimeout } from './connections/socket-timeout.ts'
import { staleEpoch } from './enter.ts'
import { isCounted, settle } from './quota-counters.ts'
import type { TenantScope } from './scope.ts'
import type { Statement, Transaction } from './statement.ts'
import { publishStatement, statementChannel } from './statement-channel.ts'
import { queryText } from './text-rows.ts'

export interface TransactionStart {
  /** The statement that brings the transaction into its tenant. */
  enter: Statement
  /** Whose quotas are settled at the end; absent: nothing is counted. */
  scope?: TenantScope
}

/** Runs work as one transaction; rejects with its error after rolling back. */
export async function transact<T>(
  connect: () => Promise<Lease>,
  { enter, scope }: TransactionStart,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const { client, release } = await connect()
  let broken = false
  try {
    await client.query('begin')
    await enterTenant(client, enter)
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
    release(broken)
  }
}

async function enterTenant(client: pg.PoolClient, { text, values }: Statement): Promise<void> {
  const { rows } = await client.query<[unknown]>({ text, values: [...values], rowMode: 'array' })
  if (rows[0]?.[0] === false) throw staleEpoch()
}

function transactionOn(client: pg.PoolClient): Transaction {
  return {
    query(text, values) {
      if (statementChannel.hasSubscribers) publishStatement(text, values)
      return client.query(text, values as unknown[]) as never
    },
    read: (statement) => queryText(client, statement),
  }
}
