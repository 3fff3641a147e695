// Whether both sides answer a question with the same records: without that no comparison of their costs is one.

import { deepStrictEqual } from 'node:assert'
import type { Request } from '../load.ts'
import type { Contestant } from '../servers.ts'
import type { Sides } from './compare.ts'
import type { Operation } from './operation.ts'
import type { Pool } from './pool.ts'
import { question } from './questions.ts'

/** Sets of values that are compared. */
const SETS = 3

interface Answer {
  rows: { id?: string }[]
  /** How many match in all, where that was asked. */
  total: string | undefined
}

async function ask({ url, token }: Contestant, { path, headers = {} }: Request): Promise<Answer> {
  const answer = await fetch(url + path, { headers: { ...headers, authorization: `Bearer ${token}` } })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
  const range = answer.headers.get('content-range')
  const total = range === null ? answer.headers.get('x-total-count') : range.split('/')[1]
  return { rows: [JSON.parse(text)].flat(), total: total === '*' ? undefined : (total ?? undefined) }
}

/** Throws unless both answer with the same records, or as many where ties are left open. Writes are not asked for. */
export async function verify(sides: Sides, operation: Operation, pool: Pool): Promise<void> {
  if (operation.method !== undefined) return
  for (let set = 0; set < SETS; set++) {
    const { univera, byHand } = question(operation, pool)
    const answers = [await ask(sides.univera, univera), await ask(sides.byHand, byHand)]
    const [ours, theirs] = answers.map(({ rows, total }) => ({
      total,
      rows: operation.tied ? rows.length : rows.map(({ id }) => id),
    }))
    deepStrictEqual(ours, theirs, `${operation.name}: ${univera.path} and ${byHand.path} differ`)
  }
}
