// Whether both sides answer a question with as many rows: without that no comparison of their costs is one.

import type { Sides } from './compare.ts'
import { pathOf, send } from './load.ts'
import type { Operation } from './operation.ts'
import type { Pool } from './pool.ts'

/** Sets of values that are compared. */
const SETS = 3

function rowsOf(text: string): number {
  const answer: unknown = JSON.parse(text)
  return Array.isArray(answer) ? answer.length : 1
}

/** Throws unless both answer the same number of rows. Writes are not asked for. */
export async function verify({ univera, byHand }: Sides, operation: Operation, pool: Pool): Promise<void> {
  if (operation.method !== undefined) return
  for (let set = 0; set < SETS; set++) {
    const path = pathOf(operation, operation.draw(pool), pool)
    const ours = rowsOf(await send(univera, path.univera, operation))
    const theirs = rowsOf(await send(byHand, path.byHand, operation))
    if (ours !== theirs)
      throw new Error(`${operation.name}: ${ours} rows of ${path.univera}, ${theirs} of ${path.byHand}`)
  }
}
