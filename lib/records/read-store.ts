// Reading records: one by its id, or a page of what a query picks.
import { errors } from '../errors.ts'
import type { Query } from '../query/ast.ts'
import { isIndexWalk } from '../query/plan/index-use.ts'
import { planScope } from '../query/plan/level.ts'
import { type ListPlan, planList } from '../query/plan/plan-list.ts'
import type { Preferences } from '../query/prefer.ts'
import { getSql } from '../query/sql/get.ts'
import { listSql } from '../query/sql/list.ts'
import { type Page, toPage } from '../query/sql/page.ts'
import { type Actor, type PageLimits, planContext, type Stores, viewOf, wholeRecord } from './actor.ts'
import type { Answer } from './answer.ts'
import { countRecords } from './count-store.ts'
import { compositeEtag, recordEtag } from './etag.ts'
import { watched } from './watched.ts'

/** A record as it leaves: finished JSON and its entity tag. */
export interface StoredRecord {
  id: string
  json: string
  etag: string
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** The record id in a path, in the stored spelling; what is no id names no record. */
export function recordId(text: string): string {
  if (!UUID.test(text)) throw errors.recordNotFound()
  return text.toLowerCase()
}

export function storedRecord(actor: Actor, json: string, version: string, id: string): StoredRecord {
  return { id, json, etag: recordEtag(version, actor.entity.version, viewOf(actor)) }
}

/** One record; errors.recordNotFound. */
export async function getRecord(
  { db }: Stores,
  actor: Actor,
  id: string,
  { outputs, apart }: Answer = wholeRecord(actor),
): Promise<StoredRecord> {
  const statement = getSql(planScope([], planContext(actor)), outputs, id)
  // Related records can be many.
  const [row] = await db[apart ? 'read' : 'readQuick'](actor.caller.tenant, statement)
  if (row === undefined) throw errors.recordNotFound()
  const [version = '', json = ''] = row as string[]
  if (outputs.every(({ kind }) => kind === 'column')) return storedRecord(actor, json, version, id)
  return { id, json, etag: compositeEtag(version, actor.entity.version, `${viewOf(actor)}:${json}`) }
}

export interface ListOptions {
  limits: PageLimits
  /** Whether and how all matches are counted. */
  count?: Preferences['count']
}

export interface ListedPage extends Page {
  /** All matches, when they were counted. */
  total?: number
}

/** A page of records; errors.pageOutOfRange when it begins beyond the last of counted ones. */
export async function listRecords(
  stores: Stores,
  actor: Actor,
  query: Query,
  { limits, count }: ListOptions,
): Promise<ListedPage> {
  const plan = planList(query, planContext(actor, limits))
  return watched(stores, actor, plan, () => readPage(stores, actor, plan, count))
}

async function readPage(
  stores: Stores,
  actor: Actor,
  plan: ListPlan,
  count: ListOptions['count'],
): Promise<ListedPage> {
  const walk = plan.kind === 'records' && isIndexWalk(plan)
  const rows = await stores.db[walk ? 'readTogether' : 'read'](actor.caller.tenant, listSql(plan))
  if (count === undefined) return toPage(plan, rows)
  const total = await countRecords(stores, actor, plan, count)
  const shown = Math.min(rows.length, plan.limit)
  if (shown === 0 && plan.offset > total) throw errors.pageOutOfRange(plan.offset, total)
  // What the page shows is there, whatever a guess says.
  const known = shown === 0 ? total : Math.max(total, plan.offset + shown)
  return { ...toPage(plan, rows, known), total: known }
}
