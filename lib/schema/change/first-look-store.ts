// The first look at the records before a definition is replaced, without a lock: what stands in the way, and from which
// transaction on the second look has to look again.
import { onPresentEpoch } from '../../db/current-epoch.ts'
import type { Transaction } from '../../db/statement.ts'
import { type Awaited, whileAwaited } from '../../db/while-awaited.ts'
import { typeOf } from '../../fields/index.ts'
import { type Survey, type SurveyContext, surveyRecords } from '../survey/survey-store.ts'
import type { ChangePlan } from './change-plan.ts'
import { findDuplicates, type RewritePass, rewriteRecords } from './record-rewrite-store.ts'
import type { RecordRewrite } from './revise.ts'
import { ViolationReport } from './violation-report.ts'

export interface FirstLook {
  survey: Survey
  /** The second look, with the lock. */
  pass: RewritePass
}

export interface LookOptions extends Awaited {
  sample?: number | undefined
  onProgress?: (checked: number) => void
}

/**
 * Looks at all records while writers go on. The second look begins with the oldest transaction that is not finished now:
 * whatever an older one wrote is seen here.
 */
export async function lookFirst(
  context: SurveyContext,
  plan: ChangePlan,
  options: LookOptions,
): Promise<FirstLook> {
  const inTenant = <T>(work: (tx: Transaction) => Promise<T>) =>
    onPresentEpoch(context.directory, plan.current.tenantId, (scope) =>
      context.db.transaction(scope, [], (tx) => work(whileAwaited(tx, options))),
    )
  const since = await inTenant(horizon)
  const survey = await surveyRecords(context, { ...plan, ...options })
  const report = await inTenant((tx) => findInDatabase(tx, plan, survey))
  const rewrites = isRewritten(plan.work) || survey.written > 0
  return {
    survey: report === survey.report ? survey : withReport(survey, report),
    pass: { ...plan, survey: new ViolationReport(), since: rewrites ? undefined : since },
  }
}

function withReport(survey: Survey, report: ViolationReport): Survey {
  const { checked, failing, written, fields } = survey
  return { checked, failing, written, fields, report }
}

async function horizon(tx: Transaction): Promise<string | undefined> {
  const { rows } = await tx.query<{ horizon: string }>(
    'select (pg_snapshot_xmin(pg_current_snapshot())::text::numeric % 4294967296)::text as horizon',
  )
  return rows[0]?.horizon
}

/** Values that occur twice; and all of it where references come back, some of which may lead nowhere. */
async function findInDatabase(tx: Transaction, plan: ChangePlan, survey: Survey): Promise<ViolationReport> {
  const { work } = plan
  await tx.query('set local statement_timeout = 0')
  let { report } = survey
  if (revivesReferences(plan)) {
    report = new ViolationReport()
    await rewriteRecords(tx, { ...plan, survey: report }, false)
  }
  const stored = work.constraints.filter(({ keys }) => !keys.some((key) => work.conversions.has(key)))
  await findDuplicates(tx, { ...plan, work: { ...work, constraints: stored }, survey: report })
  return report
}

function revivesReferences({ next, work }: ChangePlan): boolean {
  const revived = next.fields.filter(({ key }) => work.revived.has(key) || work.conversions.get(key)?.revives)
  return revived.some((field) => typeOf(field.type).targets?.(field).length)
}

/** Whether columns are written whatever the values are. */
function isRewritten({ conversions, constraints, revived }: RecordRewrite): boolean {
  return conversions.size + constraints.length + revived.size > 0
}
