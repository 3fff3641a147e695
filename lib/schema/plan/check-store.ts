// The check of a planned change: the preview of it, kept as a plan. One that takes longer than somebody waits for goes on in
// the background, and says how far it has come.
import { setTimeout as sleep } from 'node:timers/promises'
import { onPresentEpoch } from '../../db/current-epoch.ts'
import type { TenantDb, Transaction } from '../../db/statement.ts'
import { requireClient } from '../../db/while-awaited.ts'
import { Problem } from '../../errors/problem.ts'
import type { ChangePlan } from '../change/change-plan.ts'
import type { Replacement } from '../change/replacement.ts'
import { finishCheck, insertPlan, type PlanKind, type StoredPlan, savePlanProgress } from './plan-store.ts'
import {
  countPlanned,
  type Preview,
  type PreviewContext,
  planChange,
  previewChange,
} from './preview-store.ts'
import { hashOf } from './seal.ts'

export interface CheckContext extends PreviewContext {
  db: Pick<TenantDb, 'transaction' | 'read' | 'stream' | 'write'>
}

export interface CheckRequest {
  replacement: Replacement
  kind: PlanKind
  /** Only so many records; the plan cannot be carried out then, and is not kept. */
  sample?: number | undefined
  /** What else the report shows. */
  more?: object
}

/** A check that has begun: what it is about cannot be refused any more, whatever the records are. */
export interface Check {
  total: number
  /** The plan, or of a sample the report alone. */
  run(onProgress?: (checked: number) => void): Promise<StoredPlan | object>
  /**
   * As run; after so many milliseconds the plan as it is then, while the check goes on.
   *
   * @param onFailure of a check that nobody awaits any more
   */
  runWithin(patience: number, onFailure: (error: unknown) => void): Promise<StoredPlan | object>
}

/** Begins the check of a change; refuses as planChange does. */
export async function beginCheck(context: CheckContext, request: CheckRequest): Promise<Check> {
  const plan = await planChange(context, request.replacement)
  const total = await countPlanned(context, plan)
  const one = new RunningCheck(context, request, { plan, total })
  return { total, run: (onProgress) => one.run(onProgress), runWithin: (...how) => one.runWithin(...how) }
}

const SAY_EVERY_MS = 1000

class RunningCheck {
  readonly #context: CheckContext
  readonly #request: CheckRequest
  readonly #plan: ChangePlan
  readonly #total: number
  #checked = 0
  /** The plan that stands for the check while nobody waits. */
  #detached: Promise<StoredPlan> | undefined
  /** Whether the outcome is being stored. */
  #isDone = false

  constructor(
    context: CheckContext,
    request: CheckRequest,
    { plan, total }: { plan: ChangePlan; total: number },
  ) {
    this.#context = context
    this.#request = request
    this.#plan = plan
    this.#total = total
  }

  async run(onProgress: (checked: number) => void = () => {}): Promise<StoredPlan | object> {
    const { replacement, sample, more } = this.#request
    const preview = await previewChange(this.#context, this.#plan, {
      total: this.#total,
      isRollback: this.#request.kind === 'rollback',
      sample,
      onProgress: (checked) => {
        this.#checked = checked
        onProgress(checked)
      },
      isAbandoned: () => this.#detached === undefined && replacement.isAbandoned?.() === true,
    })
    const report = { ...preview.report, ...more }
    if (sample !== undefined) return { plan: null, ...report }
    requireClient({ isAbandoned: () => this.#detached === undefined && replacement.isAbandoned?.() === true })
    return this.#keep(preview, report)
  }

  async runWithin(patience: number, onFailure: (error: unknown) => void): Promise<StoredPlan | object> {
    const running = this.run()
    const late = Symbol('late')
    const timer = new AbortController()
    const first = await Promise.race([
      running,
      sleep(patience, late, { signal: timer.signal, ref: false }).catch(() => late),
    ]).finally(() => timer.abort())
    if (first !== late) return first as StoredPlan | object
    if (this.#isDone) return running
    this.#detached = this.#insert({ state: 'checking' })
    const saying = setInterval(() => void this.#say().catch(() => {}), SAY_EVERY_MS)
    saying.unref()
    running
      .catch((error) => this.#fail(error).then(() => onFailure(error), onFailure))
      .finally(() => clearInterval(saying))
    return this.#detached
  }

  async #keep({ plan, seal }: Preview, report: object): Promise<StoredPlan> {
    const { tenantId, id: entityId, version: baseVersion } = plan.current
    const hash = hashOf({ tenantId, entityId, baseVersion, seal })
    this.#isDone = true
    const detached = await this.#detached
    if (detached === undefined) return this.#insert({ state: 'planned', seal, hash, report })
    return this.#inTenant((tx) =>
      finishCheck(tx, plan.current, { id: detached.id, state: 'planned', seal, hash, report }),
    )
  }

  #insert(
    plan: Pick<Parameters<typeof insertPlan>[2], 'state' | 'seal' | 'hash' | 'report'>,
  ): Promise<StoredPlan> {
    const { kind, replacement } = this.#request
    const author = replacement.actor ?? null
    return this.#inTenant((tx) => insertPlan(tx, this.#plan.current, { kind, author, ...plan }))
  }

  async #say(): Promise<unknown> {
    const { id = '' } = (await this.#detached) ?? {}
    const progress = { checked: this.#checked, total: this.#total }
    const statement = savePlanProgress(this.#plan.current, id, progress)
    return this.#inTenant((tx) => tx.query(statement.text, [...statement.values]))
  }

  async #fail(error: unknown): Promise<void> {
    const detail = error instanceof Problem ? error.message : 'The check was broken off.'
    const report = { error: detail }
    const { id = '' } = (await this.#detached) ?? {}
    await this.#inTenant((tx) =>
      finishCheck(tx, this.#plan.current, { id, state: 'failed', seal: {}, hash: '', report }),
    )
  }

  #inTenant<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const { db, directory } = this.#context
    return onPresentEpoch(directory, this.#plan.current.tenantId, (scope) => db.transaction(scope, [], work))
  }
}
