// Reading records: one by its id, or a page of what a query picks.

import type { TextRow } from '../../db/statement.ts'
import type { Entity } from '../../entities/entity.ts'
import { errors } from '../../errors.ts'
import { isUuid } from '../../fields/uuid.ts'
import { compositeEtag, recordEtag } from '../../http/etag.ts'
import type { Query } from '../../query/ast.ts'
import type { PlanContext } from '../../query/plan/context.ts'
import { isIndexWalk, lookAhead } from '../../query/plan/index-use.ts'
import { planSelection } from '../../query/plan/level.ts'
import { type ListPlan, planList } from '../../query/plan/plan-list.ts'
import type { Preferences } from '../../query/prefer.ts'
import { getSql } from '../../query/sql/get.ts'
import { listSql, lookAheadSql } from '../../query/sql/list.ts'
import { type Page, toPage } from '../../query/sql/page.ts'
import { type EntityStatement, forEntity } from '../../query/sql/scope.ts'
import { type Actor, NO_PAGES, type PageLimits, planContext, type RecordContext, viewOf } from '../actor.ts'
import { withIndexAdvice } from '../index-advice.ts'
import { cachedPlan, WHOLE_RECORD } from '../plan-cache.ts'
import { planReturn } from '../return-plan.ts'
import { countRecords } from './count-store.ts'
import { recordProbe, shouldProbe } from './probe-backoff.ts'

/** A record as it leaves: finished JSON and its entity tag. */
export interface StoredRecord {
  id: string
  json: string
  etag: string
}

/** The record id in a path, in the stored spelling; what is no id names no record. */
export function recordId(text: string): string {
  if (!isUuid(text)) throw errors.recordNotFound()
  return text.toLowerCase()
}

export function withEtag(actor: Actor, json: string, version: string, id: string): StoredRecord {
  return { id, json, etag: recordEtag(version, actor.entity.version, viewOf(actor)) }
}

/** What of a record is asked for. */
export interface RecordOptions {
  query: Query
  limits: PageLimits
}

const WHOLE: RecordOptions = { query: WHOLE_RECORD, limits: NO_PAGES }

/** One record; errors.recordNotFound. */
export async function getRecord(
  { db }: RecordContext,
  actor: Actor,
  id: string,
  { query, limits }: RecordOptions = WHOLE,
): Promise<StoredRecord> {
  const { related, statement } = cachedPlan('get', actor, query, (reader) => {
    const { outputs } = planReturn(query, planContext(reader, limits))
    const related = outputs.some(({ kind }) => kind !== 'column')
    return { related, statement: getSql(planSelection([], planContext(reader)), outputs) }
  })
  // Related records can be many.
  const [row] = await db[related ? 'read' : 'readQuick'](actor.caller.tenant, statement(actor.entity, id))
  if (row === undefined) throw errors.recordNotFound()
  const [version = '', json = ''] = row as string[]
  if (!related) return withEtag(actor, json, version, id)
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
  stores: RecordContext,
  actor: Actor,
  query: Query,
  { limits, count }: ListOptions,
): Promise<ListedPage> {
  const purpose = `list ${limits.defaultLimit} ${limits.maxLimit}`
  const known = cachedPlan(purpose, actor, query, (reader) => planPage(query, planContext(reader, limits)))
  const list = pageOf(actor.entity, known)
  return withIndexAdvice(stores, actor, list.plan, () => readPage(stores, actor, list, count))
}

interface PlannedPage {
  plan: ListPlan
  statement: EntityStatement
  /** Whether it costs little whatever the data. */
  quick: boolean
  /** Gives a full page at little cost, or says nothing. */
  ahead: EntityStatement | undefined
}

/** What was planned for an entity, for another of the same shape. */
function pageOf(entity: Entity, { plan, statement, quick, ahead }: PlannedPage) {
  return {
    plan: { ...plan, entity },
    statement: forEntity(entity, statement),
    quick,
    ahead: ahead && forEntity(entity, ahead),
  }
}

type EntityPage = ReturnType<typeof pageOf>

function planPage(query: Query, context: PlanContext): PlannedPage {
  const plan = planList(query, context)
  const page = { plan, statement: listSql(plan), quick: false, ahead: undefined }
  if (plan.kind === 'groups') return page
  const ahead = lookAhead(plan)
  return { ...page, quick: isIndexWalk(plan), ahead: ahead === 0 ? undefined : lookAheadSql(plan, ahead) }
}

function readRows(
  { db }: RecordContext,
  { caller }: Actor,
  { quick, statement }: EntityPage,
): Promise<TextRow[]> {
  return quick ? db.readBatched(caller.tenant, statement) : db.read(caller.tenant, statement)
}

/** The rows of a page that is full of what the list begins with; undefined when that has to be found otherwise. */
async function readAhead({ db }: RecordContext, { caller }: Actor, { plan, ahead }: EntityPage) {
  if (ahead === undefined || !shouldProbe(plan.entity, ahead.text)) return undefined
  const rows = await db.readBatched(caller.tenant, ahead)
  const full = rows.length > plan.limit
  recordProbe(plan.entity, ahead.text, full)
  return full ? rows : undefined
}

async function readPage(
  stores: RecordContext,
  actor: Actor,
  page: EntityPage,
  count: ListOptions['count'],
): Promise<ListedPage> {
  const { plan } = page
  const rows = (await readAhead(stores, actor, page)) ?? (await readRows(stores, actor, page))
  if (count === undefined) return toPage(plan, rows)
  const total = await countRecords(stores, actor, plan, count)
  const shown = Math.min(rows.length, plan.limit)
  if (shown === 0 && plan.offset > total) throw errors.pageOutOfRange(plan.offset, total)
  // What the page shows is there, whatever a guess says.
  const known = shown === 0 ? total : Math.max(total, plan.offset + shown)
  return { ...toPage(plan, rows, known), total: known }
}
