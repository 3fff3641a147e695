// Records that are read and locked for a change, never more of them at once than fit into memory: their ids and sizes come
// first, their data batch by batch, all in the transaction that changes them.

import { MOST_BYTES, splitBySize } from '../../db/batch-size.ts'
import { Parameters } from '../../db/parameters.ts'
import type { Queryable } from '../../db/statement.ts'
import type { Entity } from '../../entities/entity.ts'
import type { CurrentRecord, Lock } from './lock-store.ts'
import type { Where } from './update-sql.ts'

/** A record of the transaction's that is not in memory. */
export interface LockedRecord {
  id: string
  /** Bytes of its documents as text. */
  size: number
}

/** SQL of a record's size. */
const SIZE = 'octet_length(r.data::text) + octet_length(r.keys::text)'

/** Ids that one fetch brings. */
const FETCHED = 1000

/** As many where their records are measured, each of which may be large, within the time of a statement. */
const MEASURED = 200

/** The records that a condition picks, oldest first, locked as they are fetched. A transaction has one at a time. */
export class LockedRecords {
  readonly #tx: Queryable
  readonly #fetch: string

  private constructor(tx: Queryable, measured: boolean) {
    this.#tx = tx
    this.#fetch = `fetch ${measured ? MEASURED : FETCHED} from picked`
  }

  /** @param measured whether sizes are needed: they cost a look at all of the data */
  static async open(tx: Queryable, where: Where, lock: Lock, measured: boolean): Promise<LockedRecords> {
    const p = new Parameters()
    const text = `declare picked no scroll cursor for select r.id::text as id, ${measured ? SIZE : '0'} as size
      from record r where ${where(p)} order by r.id for ${lock}`
    await tx.query(text, p.values)
    return new LockedRecords(tx, measured)
  }

  /** The next ones; none after the last. */
  async next(): Promise<LockedRecord[]> {
    return (await this.#tx.query<LockedRecord>(this.#fetch)).rows
  }

  /** Passes over the rest; their number. */
  async countRest(): Promise<number> {
    return (await this.#tx.query('move forward all from picked')).rowCount ?? 0
  }

  async close(): Promise<void> {
    await this.#tx.query('close picked')
  }
}

/** The ids of the records that the condition picks, oldest first, locked until the transaction ends. */
export async function lockIds(tx: Queryable, where: Where, lock: Lock): Promise<string[]> {
  const p = new Parameters()
  const text = `select r.id::text as id from record r where ${where(p)} order by r.id for ${lock}`
  return (await tx.query<{ id: string }>(text, p.values)).rows.map(({ id }) => id)
}

/** Locks records and gives those that there are, oldest first, in batches that fit into memory. */
export async function* lockSized(
  tx: Queryable,
  entity: Entity,
  ids: readonly string[],
): AsyncGenerator<LockedRecord[]> {
  const sorted = [...ids].sort()
  for (let at = 0; at < sorted.length; at += MEASURED) {
    const p = new Parameters()
    const text = `select r.id::text as id, ${SIZE} as size
      from record r where ${whereIds(entity, sorted.slice(at, at + MEASURED))(p)} order by r.id for no key update`
    yield* splitBySize((await tx.query<LockedRecord>(text, p.values)).rows)
  }
}

/** The data of records that the transaction has locked, oldest first. */
export async function readLocked(
  tx: Queryable,
  entity: Entity,
  ids: readonly string[],
): Promise<CurrentRecord[]> {
  const p = new Parameters()
  const text = `select r.id, r.data, r.keys from record r where ${whereIds(entity, ids)(p)} order by r.id`
  return (await tx.query<CurrentRecord>(text, p.values)).rows
}

/** The condition that picks records by their ids. */
export function whereIds({ tenantId, id }: Entity, ids: readonly string[]): Where {
  return (p) =>
    `r.tenant_id = ${p.add(tenantId)} and r.entity_id = ${p.add(id)} and r.id = any(${p.add(ids)}::uuid[])`
}

/** A record that an identity has found; its data and keys are null in truth beyond the bytes of one batch. */
export interface MetRecord extends LockedRecord, CurrentRecord {
  identity: string
}

/**
 * Finds and locks records by values of one column, oldest first, and reads as many of them as fit into memory.
 *
 * @param column `id`, or that of a unique slot
 */
export async function lockMet(
  tx: Queryable,
  { tenantId, id }: Entity,
  column: string,
  values: readonly string[],
): Promise<MetRecord[]> {
  const p = new Parameters()
  const type = column === 'id' ? 'uuid[]' : 'text[]'
  const locked = `select r.id, r.${column}::text as identity, r.data, r.keys, ${SIZE} as size from record r
    where r.tenant_id = ${p.add(tenantId)} and r.entity_id = ${p.add(id)}
      and r.${column} = any(${p.add(values)}::${type}) order by r.id for no key update`
  const fits = `total <= ${MOST_BYTES}`
  const text = `select id::text as id, identity, size, case when ${fits} then data end as data,
      case when ${fits} then keys end as keys
    from (select *, sum(size) over (order by id rows unbounded preceding) as total from (${locked}) l) m order by id`
  return (await tx.query<MetRecord>(text, p.values)).rows
}
