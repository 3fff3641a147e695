// The records of an entity under a changed definition, read and written in batches by id.

import { mapYielding } from '../../concurrency/yielding-map.ts'
import { splitBySize } from '../../db/batch-size.ts'
import { Parameters } from '../../db/parameters.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { Queryable } from '../../db/statement.ts'
import { sizeOfDefaults } from '../../entities/default-size.ts'
import type { Entity, UniqueConstraint } from '../../entities/entity.ts'
import type { Violation } from '../../errors/problem.ts'
import { type LookupSource, lookUp } from '../conversion/lookup-store.ts'
import { insertConvertedLinks } from './converted-links-store.ts'
import { deleteDangling, withoutDangling } from './dangling-store.ts'
import {
  createRowRewriter,
  type LookupsByKey,
  type RewriteRow,
  type RowOutcome,
  slotColumns,
} from './record-rewrite.ts'
import type { RecordRewrite } from './revise.ts'
import type { ViolationReport } from './violation-report.ts'

/** Records whose sizes are looked up at once. */
const MEASURED = 500

export interface RewritePass {
  /** The entity as it will be. */
  next: Entity
  work: RecordRewrite
  survey: ViolationReport
  /** Where values of relations are looked up, by the new keys of their fields. */
  lookups?: ReadonlyMap<string, LookupSource>
  /** Where records that conversions lead to are made; absent: none is. */
  scope?: TenantScope
  /** Only rows written by this transaction id or a later one; undefined: all. */
  since?: string | undefined
}

interface SizedId {
  id: string
  /** Bytes of its documents as text. */
  size: number
}

/** The next records after the given id, without their data. */
async function measure(tx: Queryable, { next, since }: RewritePass, after: string): Promise<SizedId[]> {
  const p = new Parameters()
  const conditions = [
    `tenant_id = ${p.add(next.tenantId)} and entity_id = ${p.add(next.id)} and id > ${p.add(after)}`,
    // age() compares transaction ids across their wrap-around.
    ...(since === undefined ? [] : [`age(xmin) <= age(${p.add(since)}::text::xid)`]),
  ]
  const text = `select id, octet_length(data::text) + octet_length(keys::text) as size
    from record where ${conditions.join(' and ')} order by id limit ${MEASURED}`
  return (await tx.query<SizedId>(text, p.values)).rows
}

/** One batch. */
async function readBatch(
  tx: Queryable,
  { next }: RewritePass,
  batch: readonly SizedId[],
): Promise<RewriteRow[]> {
  const p = new Parameters()
  const slots = slotColumns(next).flatMap((name) => [`'${name}'`, name])
  const text = `select id, data, keys, jsonb_build_object(${slots.join(', ')}) as slots
    from record where tenant_id = ${p.add(next.tenantId)} and entity_id = ${p.add(next.id)}
      and id = any(${p.add(batch.map(({ id }) => id))}::uuid[]) order by id`
  return (await tx.query<RewriteRow>(text, p.values)).rows
}

type Update = NonNullable<RowOutcome['update']>

/** A record whose values change is written now, as by any other change of it. */
const STAMP = `version = r.version + d.changed::int,
  updated_by = case when d.changed and r.updated_at is null then r.created_by else r.updated_by end,
  updated_at = case when d.changed then greatest(now(), r.updated_at, r.created_at) else r.updated_at end`

async function writeBatch(tx: Queryable, { next }: RewritePass, rows: readonly Update[]): Promise<void> {
  if (rows.length === 0) return
  const p = new Parameters()
  const columns = ['data', 'keys', ...slotColumns(next)]
  const types = columns.map((name) => `${name} ${name.length > 3 ? 'jsonb' : 'text'}`)
  const documents = rows.map(({ id, data, keys, slots, changed }) => ({ id, changed, data, keys, ...slots }))
  const fields = ['id uuid', 'changed boolean', ...types].join(', ')
  const text = `update record r set ${columns.map((name) => `${name} = d.${name}`).join(', ')}, ${STAMP}
    from jsonb_to_recordset(${p.add(JSON.stringify(documents))}::jsonb) as d(${fields})
    where r.tenant_id = ${p.add(next.tenantId)} and r.entity_id = ${p.add(next.id)} and r.id = d.id`
  await tx.query(text, p.values)
}

/**
 * Empties the slots of the constraints that are to be filled: what another constraint, or the same one in another form,
 * has left in some rows must not stand against the new values of others. Only before a pass over all rows.
 */
export async function clearSlots(tx: Queryable, { next, work }: RewritePass): Promise<void> {
  for (const { slot } of work.constraints) {
    const text = `update record set u${slot} = null where tenant_id = $1 and entity_id = $2 and u${slot} is not null`
    await tx.query(text, [next.tenantId, next.id])
  }
}

/** What a pass has to change, or has changed. */
export interface Rewritten {
  any: boolean
  /** Names of the fields of which some values lose white space. */
  trimmed: ReadonlySet<string>
  /** Records whose value loses something, by the new keys of the fields. */
  losses: ReadonlyMap<string, number>
}

/** Looks at every row and, when asked to, writes what has to change. */
export async function rewriteRecords(tx: Queryable, pass: RewritePass, write: boolean): Promise<Rewritten> {
  const workOn = createRowRewriter(pass.next, pass.work)
  const tally: Tally = { any: false, trimmed: new Set(), losses: new Map() }
  for await (const batch of batches(tx, pass)) {
    const rows = await readBatch(tx, pass, batch)
    const pruned = await withoutDangling(tx, pass, rows)
    const found = await lookUpAll(tx, pass, rows)
    const outcomes = await mapYielding(rows, (row) => ({
      id: row.id,
      ...workOn(row, pruned.get(row.id), found),
    }))
    for (const { id, violations } of outcomes) pass.survey.add(id, violations)
    for (const outcome of outcomes) count(tally, outcome)
    if (!write) continue
    const updates = outcomes.flatMap(({ update }) => update ?? [])
    await writeBatch(tx, pass, updates)
    await deleteDangling(tx, pass, [...pruned.keys()])
    await insertConvertedLinks(tx, pass, updates)
  }
  return tally
}

interface Tally extends Rewritten {
  trimmed: Set<string>
  losses: Map<string, number>
}

function count(tally: Tally, { update, trimmed, settled }: RowOutcome): void {
  tally.any ||= update !== undefined
  for (const name of trimmed) tally.trimmed.add(name)
  for (const [key, { lossy }] of settled) if (lossy) tally.losses.set(key, (tally.losses.get(key) ?? 0) + 1)
}

async function lookUpAll(
  tx: Queryable,
  { work, lookups = new Map(), scope }: RewritePass,
  rows: readonly RewriteRow[],
): Promise<LookupsByKey> {
  const found = new Map<string, Awaited<ReturnType<typeof lookUp>>>()
  for (const [key, source] of lookups) {
    const from = work.conversions.get(key)?.from.key ?? key
    found.set(
      key,
      await lookUp(
        tx,
        source,
        rows.map(({ data }) => data[from]),
        scope,
      ),
    )
  }
  return found
}

/** The records of a pass in the order of their ids, in batches that fit into memory. */
async function* batches(tx: Queryable, pass: RewritePass): AsyncGenerator<SizedId[]> {
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const found = await measure(tx, pass, after)
    yield* splitBySize(found, sizeOfDefaults(pass.next))
    const last = found.at(-1)
    if (last === undefined || found.length < MEASURED) return
    after = last.id
  }
}

/** What a constraint compares of a field; without case of ASCII letters alone, the rest is refused by the index itself. */
function comparedSql(p: Parameters, key: string, { ci }: UniqueConstraint): string {
  return ci ? `lower((data->>${p.add(key)}::text) collate "C")` : `data->${p.add(key)}::text`
}

/** The violation of a unique constraint by existing records; the pointer names the first of its fields. */
export function mustBeUnique([first = '', ...others]: readonly string[], more = ''): Violation {
  const together = others.length === 0 ? '' : ` together with ${others.join(', ')}`
  return { pointer: `/${first}`, keyword: 'unique', message: `must be unique${together}${more}` }
}

/** Values that new constraints would allow only once and that several records have; two records of each are named. */
export async function findDuplicates(tx: Queryable, { next, work, survey }: RewritePass): Promise<void> {
  for (const constraint of work.constraints) {
    const { keys, nulls } = constraint
    const p = new Parameters()
    const values = keys.map((key) => comparedSql(p, key, constraint))
    const set = nulls === 'equal' ? 'true' : values.map((value) => `${value} is not null`).join(' and ')
    const { rows } = await tx.query<{ count: number; ids: string[] }>(
      `select sum(n)::int as count,
         (array_agg(first order by first))[1:2] || (array_agg(last order by first))[1:2] as ids from (
         select count(*) as n, min(id::text) as first, max(id::text) as last from record
         where tenant_id = ${p.add(next.tenantId)} and entity_id = ${p.add(next.id)} and ${set}
         group by ${values.join(', ')} having count(*) > 1) as repeated`,
      p.values,
    )
    const names = keys.map((key) => next.fields.find((field) => field.key === key)?.name ?? key)
    const violation = mustBeUnique(names, constraint.ci ? ' without regard to case' : '')
    const [found] = rows
    if (found?.count) survey.addMany(violation, found.count, found.ids)
  }
}
