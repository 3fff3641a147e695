// What a change would do: the definition that would come of it, a look at all records, and what follows for permissions and
// former names. Nothing is written.
import { effectsOf } from '../../access/change-effects.ts'
import { selectEntityPermissions, toEntityPermissions } from '../../access/permission-store.ts'
import { onPresentEpoch } from '../../db/current-epoch.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { TenantDb, Transaction } from '../../db/statement.ts'
import { targetsOf } from '../../entities/references.ts'
import { listAliases } from '../alias-store.ts'
import { countRecords } from '../change/background-store.ts'
import type { ChangePlan } from '../change/change-plan.ts'
import { countDangling } from '../change/dangling-store.ts'
import { diffDefinitions } from '../change/diff.ts'
import { type LookOptions, lookFirst } from '../change/first-look-store.ts'
import { requireFreeName } from '../change/names-store.ts'
import { makePlan } from '../change/replace-store.ts'
import type { ReplaceContext, Replacement } from '../change/replacement.ts'
import { needsNoRewrite, newKeys } from '../change/revise.ts'
import { countFields } from '../deletion/field-counts-store.ts'
import { entitiesNamed } from '../entity-store.ts'
import type { Survey } from '../survey/survey-store.ts'
import { type ChangeReport, type Counts, lossesOf, reportOf } from './change-report.ts'
import { candidateOf, digest, type Seal } from './seal.ts'

/** Where changes are planned; the server itself has this shape. */
export interface PreviewContext extends ReplaceContext {
  db: Pick<TenantDb, 'transaction' | 'read' | 'stream'>
}

export interface Preview {
  plan: ChangePlan
  report: ChangeReport
  seal: Seal
}

/** The plan of a change; refuses what no records could make possible, as the change itself does. */
export function planChange({ db, directory }: PreviewContext, replacement: Replacement): Promise<ChangePlan> {
  return onPresentEpoch(directory, replacement.tenantId, (scope) =>
    db.transaction(scope, [], async (tx) => {
      const plan = await makePlan(tx, replacement)
      if (plan.next.name !== plan.current.name) await requireFreeName(tx, plan.next)
      return plan
    }),
  )
}

/** How many records the entity of the plan has, however long it takes to count them. */
export function countPlanned(context: PreviewContext, { current }: ChangePlan): Promise<number> {
  return onPresentEpoch(context.directory, current.tenantId, (scope) =>
    context.db.transaction(scope, [], async (tx) => {
      await tx.query('set local statement_timeout = 0')
      return countRecords(tx, current)
    }),
  )
}

export interface PreviewOptions extends LookOptions {
  total: number
  /** Whether values are counted that come back. */
  isRollback: boolean
}

/** Looks at the records, and says what the change does to them. */
export async function previewChange(
  context: PreviewContext,
  plan: ChangePlan,
  options: PreviewOptions,
): Promise<Preview> {
  const survey = needsNoRewrite(plan.work) ? undefined : (await lookFirst(context, plan, options)).survey
  const { tenantId } = plan.current
  const counts = options.isRollback
    ? await onPresentEpoch(context.directory, tenantId, (scope) => countValues(context, scope, plan))
    : undefined
  return onPresentEpoch(context.directory, tenantId, async (scope) => {
    const access = await findEffects(context, scope, plan)
    const uses = await findUses(context, scope, plan)
    const total = survey === undefined || options.sample !== undefined ? options.total : survey.checked
    const estimated = options.sample !== undefined
    const report = reportOf(plan, { survey, total, access, uses, counts, estimated })
    const seal = await context.db.transaction(scope, [], (tx) => sealOf(tx, plan, survey))
    return { plan, report, seal }
  })
}

/** What the plan of a change is sealed with, as things are now. */
export async function sealOf(tx: Transaction, plan: ChangePlan, survey: Survey | undefined): Promise<Seal> {
  const { current, next, parsed } = plan
  const permissions = toEntityPermissions(await tx.read(selectEntityPermissions(current)))
  const targets = await entitiesNamed(
    tx,
    current.tenantId,
    targetsOf(next).filter((name) => name !== current.name && name !== next.name),
  )
  return {
    candidate: candidateOf(parsed),
    targets: digest([...targets.values()].map(({ id, version }) => [id, version])),
    permissions: digest([...permissions]),
    losses: Object.fromEntries(lossesOf(survey)),
  }
}

async function findEffects({ db }: PreviewContext, scope: TenantScope, plan: ChangePlan) {
  const permissions = toEntityPermissions(await db.read(scope, selectEntityPermissions(plan.current)))
  return effectsOf(permissions, { ...plan, keys: newKeys(plan.work.conversions) })
}

/** The former names of fields that change, with their last use: there are clients that still know them. */
async function findUses({ db }: PreviewContext, scope: TenantScope, { current, next }: ChangePlan) {
  const changed = new Set(diffDefinitions(current, next).map(({ field }) => field))
  const names = new Map([...next.fields, ...current.fields].map(({ key, name }) => [key, name]))
  const aliases = await listAliases(db, scope, current)
  const used = aliases.filter(({ key }) => changed.has(names.get(key)))
  return Object.fromEntries(used.map(({ name, lastUsedAt }) => [name, { last_used_at: lastUsedAt }]))
}

async function countValues({ db }: PreviewContext, scope: TenantScope, plan: ChangePlan): Promise<Counts> {
  const { current, next } = plan
  const keys = diffDefinitions(current, next).flatMap(({ field, change }) => {
    const { fields } = change === 'dropped' ? current : next
    return fields.find(({ name }) => name === field)?.key ?? []
  })
  const counts = await countFields(db, scope, { entity: current, keys: [...new Set(keys)] })
  const lost = await db.transaction(scope, [], (tx) => countDangling(tx, plan))
  return { records: new Map([...counts].map(([key, { records }]) => [key, records])), lost }
}
