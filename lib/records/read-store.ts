// Reading records: one by its id, or a page of what a query picks.
import { errors } from '../errors.ts'
import { parseQuery } from '../query/parse/parse-query.ts'
import { planScope } from '../query/plan/level.ts'
import { planList } from '../query/plan/plan-list.ts'
import { planRecord } from '../query/plan/select.ts'
import { getSql } from '../query/sql/get.ts'
import { listSql } from '../query/sql/list.ts'
import { type Page, toPage } from '../query/sql/page.ts'
import { type Actor, type PageLimits, planContext, type Stores, viewOf } from './actor.ts'
import { recordEtag } from './etag.ts'

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
export async function getRecord({ db }: Stores, actor: Actor, id: string): Promise<StoredRecord> {
  const context = planContext(actor)
  const statement = getSql(planScope([], context), planRecord(context), id)
  const [row] = await db.read(actor.caller.tenant, statement)
  if (row === undefined) throw errors.recordNotFound()
  const [version, json] = row as string[]
  return storedRecord(actor, json as string, version as string, id)
}

/**
 * A page of records.
 *
 * @param search the query string without `?`, undecoded
 */
export async function listRecords(
  { db }: Stores,
  actor: Actor,
  search: string,
  limits: PageLimits,
): Promise<Page> {
  const plan = planList(parseQuery(search), planContext(actor, limits))
  const rows = await db.read(actor.caller.tenant, listSql(plan))
  return toPage(plan, rows)
}
