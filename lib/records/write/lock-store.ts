// Records as they are, read and locked for a change that depends on them.

import { Parameters } from '../../db/parameters.ts'
import type { Queryable } from '../../db/statement.ts'
import type { StoredPatch } from '../stored-data.ts'
import type { Where } from './update-sql.ts'

export interface CurrentRecord {
  id: string
  data: StoredPatch
  keys: Record<string, string>
}

/** `no key update` lets others link to a record meanwhile; what is to be deleted needs `update`. */
export type Lock = 'no key update' | 'update'

/** The records that the condition picks, oldest first, locked until the transaction ends. */
export async function readForChange(
  tx: Queryable,
  where: Where,
  lock: Lock = 'no key update',
): Promise<CurrentRecord[]> {
  const p = new Parameters()
  const text = `select r.id, r.data, r.keys
    from record r where ${where(p)} order by r.id for ${lock}`
  return (await tx.query<CurrentRecord>(text, p.values)).rows
}
