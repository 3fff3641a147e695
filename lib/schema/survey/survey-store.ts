// The first look at the records before a change: one narrow cursor over the fields that it touches, while writers go on.
// What it finds is counted field by field; memory stays the same however many records there are.
import { setImmediate } from 'node:timers/promises'
import { onPresentEpoch } from '../../db/current-epoch.ts'
import { Parameters } from '../../db/parameters.ts'
import type { Queryable, Statement, TenantDb } from '../../db/statement.ts'
import type { TenantDirectory } from '../../db/tenant-directory.ts'
import { type Awaited, requireClient } from '../../db/while-awaited.ts'
import type { Entity } from '../../entities/entity.ts'
import type { Violation } from '../../errors/problem.ts'
import { below, violation } from '../../fields/violation.ts'
import { mustBeUnique } from '../change/record-rewrite-store.ts'
import type { RecordRewrite } from '../change/revise.ts'
import { ViolationReport } from '../change/violation-report.ts'
import type { Lookups } from '../conversion/convert-value.ts'
import { type LookupSource, lookUp } from '../conversion/lookup-store.ts'
import { conversionCheck, FieldSurvey, inPlaceCheck, type Outcome } from './field-survey.ts'
import { UniqueCheck } from './unique-check.ts'

/** Where records are read; the server itself has this shape. */
export interface SurveyContext {
  db: Pick<TenantDb, 'transaction' | 'stream'>
  directory: Pick<TenantDirectory, 'tenantById'>
}

export interface Surveyed extends Awaited {
  current: Entity
  next: Entity
  work: RecordRewrite
  lookups: ReadonlyMap<string, LookupSource>
  /** Only so many records; absent: all. */
  sample?: number | undefined
  /** Called now and then with the number of records that have been looked at. */
  onProgress?: ((checked: number) => void) | undefined
}

export interface Survey {
  checked: number
  /** Records with a value that does not fit, or does not convert. */
  failing: number
  /** Records that the change writes. */
  written: number
  /** By the keys that the fields are to have. */
  fields: ReadonlyMap<string, FieldSurvey>
  /** What stands in the way. */
  report: ViolationReport
}

const PROGRESS_EVERY = 10_000

type Row = [id: string, ...values: unknown[]]

/** Looks at every record, or at a sample. */
export async function surveyRecords(context: SurveyContext, surveyed: Surveyed): Promise<Survey> {
  const pass = new Pass(surveyed)
  if (pass.keys.length === 0) return pass
  const { db, directory } = context
  const rows = await onPresentEpoch(directory, surveyed.current.tenantId, (scope) =>
    db.stream(scope, pass.statement()),
  )
  try {
    for (let batch = await rows.next(); batch.length > 0; batch = await rows.next()) {
      requireClient(surveyed)
      const parsed = batch.map(([text]) => JSON.parse(String(text)) as Row)
      pass.add(parsed, await lookUpAll(context, surveyed, pass, parsed))
      // Others have their turn.
      await setImmediate()
    }
  } finally {
    await rows.close()
  }
  pass.finish()
  return pass
}

type LookupsByKey = ReadonlyMap<string, Lookups>

async function lookUpAll(
  { db, directory }: SurveyContext,
  { current, work, lookups }: Surveyed,
  pass: Pass,
  rows: readonly Row[],
): Promise<LookupsByKey> {
  const found = new Map<string, Lookups>()
  if (lookups.size === 0) return found
  const find = async (tx: Queryable) => {
    for (const [key, source] of lookups) {
      const at = pass.keys.indexOf(work.conversions.get(key)?.from.key ?? '') + 1
      const values = rows.map((row) => row[at])
      found.set(key, await lookUp(tx, source, values))
    }
  }
  await onPresentEpoch(directory, current.tenantId, (scope) => db.transaction(scope, [], find))
  return found
}

/** The survey in progress. */
class Pass implements Survey {
  readonly #surveyed: Surveyed
  readonly fields = new Map<string, FieldSurvey>()
  readonly report = new ViolationReport()
  /** Of the data, in the order of the columns. */
  readonly keys: string[]
  checked = 0
  failing = 0
  written = 0
  readonly #places: ReadonlyMap<string, readonly number[]>
  readonly #uniques: UniqueCheck[]
  /** Keys of unchanged fields that are unique together with changed ones. */
  readonly #others: string[]

  constructor(surveyed: Surveyed) {
    this.#surveyed = surveyed
    const { next, work } = surveyed
    const inPlace = new Set(work.fields.map(({ key }) => key))
    for (const field of next.fields) {
      const conversion = work.conversions.get(field.key)
      if (conversion !== undefined) this.fields.set(field.key, new FieldSurvey(conversionCheck(conversion)))
      else if (inPlace.has(field.key))
        this.fields.set(field.key, new FieldSurvey(inPlaceCheck(field, work.backfill.has(field.key))))
    }
    const converted = work.constraints.filter(({ keys }) => keys.some((key) => work.conversions.has(key)))
    this.#uniques = converted.map((constraint) => new UniqueCheck(next, constraint))
    const own = [...this.fields.values()].flatMap(({ check }) => check.keys)
    this.#others = converted.flatMap(({ keys }) => keys.filter((key) => !this.fields.has(key)))
    this.keys = [...new Set([...own, ...this.#others])]
    this.#places = new Map(
      [...this.fields].map(([key, { check }]) => [key, check.keys.map((one) => this.keys.indexOf(one) + 1)]),
    )
  }

  statement(): Statement {
    const { current, sample } = this.#surveyed
    const p = new Parameters()
    const values = this.keys.map((key) => `data->${p.add(key)}::text`)
    const text = `select jsonb_build_array(id, ${values.join(', ')})::text from record
      where tenant_id = ${p.add(current.tenantId)} and entity_id = ${p.add(current.id)}
      ${sample === undefined ? '' : `limit ${p.add(sample)}::bigint`}`
    return { text, values: p.values }
  }

  add(rows: readonly Row[], lookups: LookupsByKey): void {
    for (const row of rows) this.#addRow(row, lookups)
  }

  #addRow(row: Row, lookups: LookupsByKey): void {
    const [id] = row
    const written = this.written
    const data: Record<string, unknown> = {}
    let isFailing = false
    for (const [key, survey] of this.fields) {
      const before = survey.written
      const outcome = survey.add(id, this.#valuesOf(key, row), lookups.get(key))
      if (survey.written > before) this.written = written + 1
      if (outcome.misfit !== undefined) isFailing = true
      if (outcome.refused) this.report.add(id, this.#violationsOf(survey, outcome))
      else if (outcome.value != null) data[key] = outcome.value
    }
    if (isFailing) this.failing += 1
    this.checked += 1
    if (this.#uniques.length > 0) this.#compare(row, data)
    if (this.checked % PROGRESS_EVERY === 0) this.#surveyed.onProgress?.(this.checked)
  }

  #valuesOf(key: string, row: Row): unknown[] {
    return (this.#places.get(key) ?? []).map((at) => row[at] ?? undefined)
  }

  #violationsOf({ check }: FieldSurvey, { misfit, violations }: Outcome): Violation[] {
    const own = misfit === undefined ? [] : [violation(misfit.keyword, misfit.message)]
    return below(check.field.name, [...(violations ?? own)])
  }

  #compare(row: Row, data: Record<string, unknown>): void {
    for (const key of this.#others) data[key] = row[this.keys.indexOf(key) + 1] ?? undefined
    for (const one of this.#uniques) one.add(row[0], data)
  }

  /** Values that come up twice only in their new form. */
  finish(): void {
    for (const { constraint, repeated, sample } of this.#uniques) {
      if (repeated === 0) continue
      const names = constraint.keys.map(
        (key) => this.#surveyed.next.fields.find((one) => one.key === key)?.name ?? key,
      )
      const violation = mustBeUnique(names, ': several records have the same')
      this.report.addMany(violation, repeated, sample)
      this.failing += repeated
      const { keyword, message } = violation
      const key = constraint.keys.find((one) => this.fields.has(one)) ?? ''
      const failure = { keyword, message, count: repeated, sample: sample.map((id) => ({ id, value: null })) }
      this.fields.get(key)?.addFailures(failure)
    }
    this.#surveyed.onProgress?.(this.checked)
  }
}
