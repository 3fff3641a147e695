// Reads records: one by its id, or a page of those that a query selects.

import type { Statement, TextRow } from '../../db/statement.ts'
import { errors } from '../../errors.ts'
import { isUuid } from '../../fields/uuid.ts'
import type { Query } from '../../query/ast.ts'
import { planSelection } from '../../query/plan/level.ts'
import type { Preferences } from '../../query/prefer.ts'
import { getSql } from '../../query/sql/get.ts'
import { type Page, toPage } from '../../query/sql/page.ts'
import { type Actor, planContext, type RecordContext } from '../actor.ts'
import { withIndexAdvice } from '../index-advice.ts'
import { planReturn } from '../return-plan.ts'
import type { WrittenRow } from '../write/written-row.ts'
import { countRecords } from './count-store.ts'
import { type PageStatements, pageFor, planPage } from './page-plan.ts'

/** A record as it is sent: finished JSON and its entity tag. */
export interface StoredRecord {
  id: string
  json: string
  etag: string
}

/** The record id in a path, in the stored spelling; errors.recordNotFound for what is no id. */
export function recordId(text: string): string {
  if (!isUuid(text)) throw errors.recordNotFound()
  return text.toLowerCase()
}

/** Everything beside path, record and schema that decides what this caller sees: a part of every entity tag. */
function viewOf({ caller, policy }: Actor): string {
  return `${caller.tenant.id}:${policy.view}`
}

/** A written or read row as the record that is sent. */
export function withEtag(
  { recordEtags }: Pick<RecordContext, 'recordEtags'>,
  actor: Actor,
  { record, version, id }: WrittenRow,
): StoredRecord {
  return { id, json: record, etag: recordEtags.of({ entity: actor.entity, id, version }, viewOf(actor)) }
}

/** One record as `query` selects its fields, or all of it; errors.recordNotFound. */
export async function getRecord(
  { db, pageLimits, plans, recordEtags }: RecordContext,
  actor: Actor,
  id: string,
  query: Query = plans.wholeRecord,
): Promise<StoredRecord> {
  const { related, statement } = plans.plan('get', actor, query, (reader) => {
    const { outputs } = planReturn(query, planContext(reader, pageLimits))
    const related = outputs.some(({ kind }) => kind !== 'column')
    return { related, statement: getSql(planSelection([], planContext(reader)), outputs) }
  })
  const [row] = await db.read(actor.caller.tenant, statement(actor.entity, id))
  if (row === undefined) throw errors.recordNotFound()
  const [version = '', json = ''] = row as string[]
  if (!related) return withEtag({ recordEtags }, actor, { record: json, version, id })
  return { id, json, etag: recordEtags.composite({ entity: actor.entity, id, version }, viewOf(actor), json) }
}

export interface ListedPage extends Page {
  /** All matches, when they were counted. */
  total?: number
}

/**
 * A page of records; errors.pageOutOfRange when it begins beyond the last of counted ones.
 *
 * @param count whether and how all matches are counted
 */
export async function listRecords(
  stores: RecordContext,
  actor: Actor,
  query: Query,
  count?: Preferences['count'],
): Promise<ListedPage> {
  const page = pageFor(actor.entity, planPage(stores, actor, query))
  return withIndexAdvice(stores, actor, page.plan, () => readPage(stores, actor, page, count))
}

/** The rows of a page. What is left open had too many matches to sort and too few to meet soon: then the next way is tried. */
async function readRows({ db }: RecordContext, actor: Actor, page: PageStatements): Promise<TextRow[]> {
  const { caller, isAbandoned } = actor
  const read = (statement: Statement) => db.read(caller.tenant, { ...statement, isAbandoned })
  for (const statement of page.bounded) {
    const rows = [...(await read(statement()))]
    const isFrequent = rows.at(-1)?.at(-1) === null
    if (isFrequent) rows.pop()
    if (!isFrequent || rows.length > page.plan.limit) return rows
  }
  return read(page.whole())
}

async function readPage(
  stores: RecordContext,
  actor: Actor,
  page: PageStatements,
  count: Preferences['count'],
): Promise<ListedPage> {
  const { plan } = page
  const rows = await readRows(stores, actor, page)
  if (count === undefined) return toPage(plan, rows)
  const total = await countRecords(stores, actor, plan, count)
  const shown = Math.min(rows.length, plan.limit)
  if (shown === 0 && plan.offset > total) throw errors.pageOutOfRange(plan.offset, total)
  // What the page shows is there, whatever a guess says.
  const known = shown === 0 ? total : Math.max(total, plan.offset + shown)
  return { ...toPage(plan, rows, known), total: known }
}
