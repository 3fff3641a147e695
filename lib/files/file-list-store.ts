// A page of the files that the caller may list: a query in the grammar of the records in, finished JSON of its files out, with
// the place of the next page and, if wanted, the number of all files that the filters match.
import type { Caller } from '../auth/caller.ts'
import type { TenantDb } from '../db/statement.ts'
import type { Problem } from '../errors/problem.ts'
import { errors } from '../errors.ts'
import { advise } from '../query/advice/advise.ts'
import { recordSubject } from '../query/advice/record-subject.ts'
import type { Query } from '../query/ast.ts'
import { parseQuery } from '../query/parse/parse-query.ts'
import type { UnreadParameter } from '../query/parse/unread.ts'
import type { Condition } from '../query/plan/condition.ts'
import type { FileUrls, PlanContext } from '../query/plan/context.ts'
import { filesEntity } from '../query/plan/file-columns.ts'
import { type ListPlan, planList } from '../query/plan/plan-list.ts'
import { systemColumns } from '../query/plan/system-columns.ts'
import { countSql, listSql } from '../query/sql/list.ts'
import { type Page, toPage } from '../query/sql/page.ts'
import { onlyOwner } from './file-access.ts'

export interface FileListRequest {
  query: Query
  /** Page size without `limit`, and the largest. */
  defaultLimit: number
  maxLimit: number
  /** Whether to count the files that the filters match. */
  counted: boolean
  fileUrls: FileUrls | undefined
}

export interface FileListPage extends Page {
  /** Undefined unless counted. */
  total: number | undefined
}

/** Reads a page; refuses what the query's columns and operators do not allow, and errors.pageOutOfRange. */
export async function listFiles(
  db: TenantDb,
  caller: Caller,
  request: FileListRequest,
): Promise<FileListPage> {
  const plan = planFiles(caller, request)
  const rows = await db.read(caller.tenant, listSql(plan))
  const total = request.counted ? await countFiles(db, caller, plan) : undefined
  if (total !== undefined && plan.offset > total) throw errors.pageOutOfRange(plan.offset, total)
  return { ...toPage(plan, rows, total), total }
}

async function countFiles(db: TenantDb, caller: Caller, plan: ListPlan): Promise<number> {
  const [row] = await db.read(caller.tenant, countSql(plan))
  return Number(row?.[0])
}

function planFiles(caller: Caller, { query, ...request }: FileListRequest): ListPlan {
  return planList(query, contextOf(caller, request))
}

type Paging = Pick<PlanContext, 'defaultLimit' | 'maxLimit' | 'fileUrls'>

function contextOf(caller: Caller, { defaultLimit, maxLimit, fileUrls }: Paging): PlanContext {
  const own = ownerCondition(caller)
  return {
    entity: filesEntity(caller.tenant.id),
    readable: () => true,
    rowFilter: () => own,
    lookup: () => undefined,
    ...{ defaultLimit, maxLimit, fileUrls },
  }
}

/** The refusal of a parameter outside the grammar, with advice on the columns of files. */
export function adviseOnFiles(
  caller: Caller,
  unread: UnreadParameter,
  { search, limits }: { search: string; limits: Paging },
): Problem {
  const context = contextOf(caller, limits)
  const accept = (spelling: string) => void planList(parseQuery(spelling), context)
  return advise(unread, { subject: recordSubject(context), search, accept })
}

/** That the caller has uploaded the file; undefined for callers who may list all. */
function ownerCondition(caller: Caller): Condition | undefined {
  const owner = onlyOwner(caller)
  if (owner === undefined) return undefined
  const column = systemColumns.get('created_by')
  if (owner === null || column === undefined) return { kind: 'any', of: [] }
  return { kind: 'compare', column, comparison: '=', value: owner }
}
