// The rows that a POST brings, one by one: what `columns`, `missing` and an upsert make of a body, its stored data, and
// everything that stands against it.

import { mapYielding } from '../../lib/concurrency/yielding-map.ts'
import { MOST_LISTED } from '../../lib/errors/problem.ts'
import { errors } from '../../lib/errors.ts'
import type { IncomingRecord, ParsedRow, RowReader } from '../../lib/records/create/row.ts'
import type { MergeOptions } from '../../lib/records/create/upsert-store.ts'
import { checkColumns, conflictTarget, fillColumns, pickColumns, splitId } from '../../lib/records/input.ts'
import { patchFromBody } from '../../lib/records/stored-data.ts'
import { convertBody } from './body.ts'
import { type RecordRequest, rulesOf } from './request.ts'
import type { WriteRequest } from './write-request.ts'

/** How the rows meet records that exist; undefined: they are all new. */
export function mergeOf({ actor, query, preferences }: WriteRequest): MergeOptions | undefined {
  const { resolution } = preferences
  return resolution && { target: conflictTarget(actor.policy.visible, query.onConflict), resolution }
}

/** Reads the rows of this request. */
export function rowReader(request: RecordRequest, write: WriteRequest): RowReader {
  const { settable } = write.actor.policy
  const merge = mergeOf(write)
  const rules = rulesOf(request, write.actor, 'create')
  const shape = columnShape(write)
  return (body) => {
    const picked = shape.pick(body)
    const { id, rest, violations } =
      merge?.target === null ? splitId(picked) : { id: undefined, rest: picked, violations: [] }
    const whole = convertBody(request, rules, shape.fill(rest))
    const given = merge === undefined ? {} : patchFromBody(settable, rest).data
    return { candidate: { whole: whole.data, given, id }, violations: [...violations, ...whole.violations] }
  }
}

/** What a change has to do with its body. */
type Shaping = Pick<WriteRequest, 'actor' | 'query' | 'preferences'>

/** The body of a change as `columns` shapes it. */
export function shapedBody(body: unknown, write: Shaping): unknown {
  const { pick, fill } = columnShape(write)
  return fill(pick(body))
}

/** What `columns` leaves of a body, and what it adds for a field that the body lacks: null, or by `missing` the default. */
function columnShape({ actor, query, preferences }: Shaping) {
  const same = (body: unknown) => body
  if (query.columns === undefined) return { pick: same, fill: same }
  checkColumns(actor.policy.visible, query.columns)
  const columns = new Set(query.columns)
  return {
    pick: (body: unknown) => pickColumns(body, columns),
    fill: (body: unknown) => fillColumns(actor.policy.settable, body, columns, preferences.missing),
  }
}

/** The rows of a list, up to where more stands against them than would be told. */
export async function readList(read: RowReader, bodies: readonly unknown[]): Promise<ParsedRow[]> {
  let found = 0
  const rows = await mapYielding(bodies, (body) => {
    if (found > MOST_LISTED) return []
    const row = read(body)
    found += row.violations.length
    return row
  })
  return rows.flat()
}

/** The row of a body that is one record; errors.invalidBody. */
export function readOnlyRow(read: RowReader, body: unknown): IncomingRecord {
  const { candidate, violations } = read(body)
  if (violations.length > 0) throw errors.invalidBody(violations)
  return candidate
}
