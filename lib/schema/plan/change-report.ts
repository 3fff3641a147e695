// What a preview answers: the changes one by one, with what they do to the records. Pure.
import type { AccessEffect } from '../../access/change-effects.ts'
import type { Violation } from '../../errors/problem.ts'
import { type ChangePlan, INLINE_RECORDS, quarantines } from '../change/change-plan.ts'
import { type ChangeKind, type DefinitionChange, diffDefinitions } from '../change/diff.ts'
import { needsNoRewrite } from '../change/revise.ts'
import type { FieldSurvey } from '../survey/field-survey.ts'
import type { Survey } from '../survey/survey-store.ts'

/** Measured for one field: what the background job writes in a second, and its WAL. */
const RECORDS_A_SECOND = 10_500

const WAL_BYTES = 840

/** Changes of a field that depend on its values. */
const ON_VALUES: readonly DefinitionChange['change'][] = [
  'added',
  'type',
  'tightened',
  'reformatted',
] satisfies ChangeKind[]

/** How many records have a value of each field, by its key, and how many of its ids lead nowhere. */
export interface Counts {
  records: ReadonlyMap<string, number | null>
  lost: ReadonlyMap<string, number>
}

export interface Found {
  survey: Survey | undefined
  total: number
  access: AccessEffect[]
  uses: Record<string, { last_used_at: string | null }>
  /** Of a rollback. */
  counts?: Counts | undefined
  estimated: boolean
}

export type ChangeReport = ReturnType<typeof reportOf>

/** The answer of a preview, without the plan's own members. */
export function reportOf(plan: ChangePlan, found: Found) {
  const { survey, total, access, uses, estimated } = found
  const changes = diffDefinitions(plan.current, plan.next).map((change) => withRecords(plan, change, found))
  const failing = survey?.failing ?? 0
  const written = survey?.written ?? 0
  const violations: readonly Violation[] = survey?.report.refusal()?.extras.errors ?? []
  return {
    base_version: plan.current.version,
    breaking: changes.some(({ breaking }) => breaking),
    lossy: lossesOf(survey).size > 0,
    mode: modeOf(plan, total),
    changes,
    access,
    uses,
    records: { total, ok: Math.max(0, total - failing), failing },
    violations,
    cost: {
      records_to_write: written,
      seconds: Math.ceil(written / RECORDS_A_SECOND),
      wal_bytes: written * WAL_BYTES,
    },
    ...(estimated ? { estimated: true } : {}),
  }
}

function modeOf(plan: ChangePlan, total: number): 'instant' | 'inline' | 'background' {
  if (needsNoRewrite(plan.work)) return 'instant'
  return total > INLINE_RECORDS || quarantines(plan) ? 'background' : 'inline'
}

/** Records that lose something, by the names of the fields. */
export function lossesOf(survey: Survey | undefined): Map<string, number> {
  const fields = [...(survey?.fields.values() ?? [])]
  return new Map(fields.flatMap(({ check, lossy }) => (lossy > 0 ? [[check.field.name, lossy]] : [])))
}

function withRecords(
  { current, next, work }: ChangePlan,
  change: DefinitionChange,
  { survey, counts }: Found,
) {
  const { fields } = change.change === 'dropped' ? current : next
  const key = fields.find(({ name }) => name === change.field)?.key
  const found =
    key === undefined || !ON_VALUES.includes(change.change as ChangeKind)
      ? undefined
      : survey?.fields.get(key)
  const checked = found === undefined ? {} : checkedRecords(found)
  if (key === undefined || counts === undefined) return { ...change, ...checked }
  const lost = counts.lost.get(key) ?? 0
  return {
    ...change,
    ...checked,
    ...(change.change === 'added' ? { data: work.revived.has(key) ? 'kept' : 'purged' } : {}),
    ...(work.conversions.has(key) ? {} : { records: counts.records.get(key) ?? null }),
    ...(lost > 0 ? { lost_references: lost } : {}),
  }
}

function checkedRecords({ check, checked, failing, lossy, failures, samples }: FieldSurvey) {
  return {
    otherwise: check.otherwise,
    records: { checked, ok: Math.max(0, checked - failing), failing },
    ...(lossy > 0 ? { lossy } : {}),
    failures: [...failures.values()].sort((a, b) => b.count - a.count),
    samples,
  }
}
