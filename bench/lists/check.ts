// Whether both sides answer a question with as many rows: without that no comparison of their costs is one.

import type { Request } from '../load.ts'
import type { Contestant } from '../servers.ts'
import type { Sides } from './compare.ts'
import type { Operation } from './operation.ts'
import type { Pool } from './pool.ts'
import { question } from './questions.ts'

/** Sets of values that are compared. */
const SETS = 3

async function rowsOf({ url, token }: Contestant, { path, headers = {} }: Request): Promise<number> {
  const answer = await fetch(url + path, { headers: { ...headers, authorization: `Bearer ${token}` } })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
  const content: unknown = JSON.parse(text)
  return Array.isArray(content) ? content.length : 1
}

/** Throws unless both answer with the same number of rows. Writes are not asked for. */
export async function verify(sides: Sides, operation: Operation, pool: Pool): Promise<void> {
  if (operation.method !== undefined) return
  for (let set = 0; set < SETS; set++) {
    const { univera, byHand } = question(operation, pool)
    const [ours, theirs] = [await rowsOf(sides.univera, univera), await rowsOf(sides.byHand, byHand)]
    if (ours !== theirs)
      throw new Error(`${operation.name}: ${ours} rows of ${univera.path}, ${theirs} of ${byHand.path}`)
  }
}
