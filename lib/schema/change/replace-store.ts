// Replacing an entity's definition. Existing records are looked at twice: all of them while writers go on, and, once no
// writer can come in between, those written meanwhile. Only then does the definition change, all in one commit. New index
// slots come into force empty; lib/indexing fills them afterwards.
import { isDeepStrictEqual } from 'node:util'
import { type AuditActor, recordAudit } from '../../audit/audit-store.ts'
import { onPresentEpoch } from '../../db/current-epoch.ts'
import { retryStale } from '../../db/retry-stale.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { TenantDb, Transaction } from '../../db/statement.ts'
import type { TenantDirectory } from '../../db/tenant-directory.ts'
import { type Awaited, whileAwaited } from '../../db/while-awaited.ts'
import { definitionOf, type Entity } from '../../entities/entity.ts'
import { retarget } from '../../entities/retarget.ts'
import { isUniqueViolation } from '../../errors/codes.ts'
import { errors } from '../../errors.ts'
import { lookupSources, lookupTargets } from '../conversion/lookup-store.ts'
import type { ParsedDefinition } from '../definition/parse-definition.ts'
import { entitiesNamed, queueFill, updateEntity } from '../entity-store.ts'
import { movePlan, requireNoChange } from '../plan/plan-store.ts'
import type { Survey } from '../survey/survey-store.ts'
import { insertVersion } from '../version-store.ts'
import type { Grace } from './aliases.ts'
import type { ChangePlan } from './change-plan.ts'
import { checkRoom, checkTargets, currentEntity } from './definition-store.ts'
import { describeChange, diffDefinitions } from './diff.ts'
import { lookFirst } from './first-look-store.ts'
import { followNames, requireFreeName } from './names-store.ts'
import { clearSlots, mustBeUnique, type RewritePass, rewriteRecords } from './record-rewrite-store.ts'
import { needsNoRewrite, newKeys, reviseDefinition } from './revise.ts'
import { warningsOf } from './warnings.ts'

export interface Replacement extends Awaited {
  tenantId: string
  /** The entity's name, present or former. */
  name: string
  /** The definition as it is to be, from the one in force; its name may be another. */
  revise: (current: Entity) => ParsedDefinition
  /** For how long former names go on working. */
  grace: Grace
  /** What the audit log calls it. */
  action: 'schema.change' | 'schema.rename' | 'schema.rollback'
  /** Versions that If-Match accepts; undefined: any. */
  versions: readonly number[] | undefined
  /** For the audit log; absent: the server itself. */
  actor?: AuditActor
  /** What has to agree before the change is made; absent: nothing. */
  guard?: Guard
}

/** Has a say in a change, by refusing it. */
export interface Guard {
  /** The plan that is carried out; undefined: none was named. */
  planId?: string | undefined
  /** Before the records are looked at. */
  before(plan: ChangePlan): Promise<void>
  /** After the first look; undefined: there is nothing to look at. */
  after(plan: ChangePlan, survey: Survey | undefined): Promise<void>
  /** With writers locked out. @param losses records that lose something, by the new keys of the fields */
  confirm(plan: ChangePlan, losses: ReadonlyMap<string, number>): void
}

/** What a definition is replaced with; the server itself has this shape. */
export interface ReplaceContext {
  db: Pick<TenantDb, 'transaction' | 'stream'>
  directory: Pick<TenantDirectory, 'tenantById'>
}

export interface Replaced {
  /** The next version, in force on every instance. */
  entity: Entity
  /** What the change does to existing records that its author may not expect. */
  warnings: string[]
}

/** Changes that an entry of the audit log names. */
const NAMED_CHANGES = 20

/** A plan was overtaken by another change of the same entity: a new plan has to be made. */
class ConcurrentChange extends Error {}

/** What the change makes of the definition, and asks of the records; refuses what cannot be, whatever the records are. */
export async function makePlan(tx: Transaction, replacement: Replacement): Promise<ChangePlan> {
  const { tenantId, name, versions, grace } = replacement
  const current = await currentEntity(tx, { id: tenantId, epoch: 0 }, name, versions)
  await requireNoChange(tx, current)
  const parsed = replacement.revise(current)
  await checkTargets(tx, tenantId, parsed)
  const fields = current.fields.map((field) => retarget(field, current.name, parsed.name))
  const { definition, work } = reviseDefinition({ ...current, fields }, parsed, grace)
  const lookups = lookupSources(
    work.conversions,
    await entitiesNamed(tx, tenantId, lookupTargets(work.conversions)),
  )
  return { parsed, current, next: { ...current, ...definition, name: parsed.name }, work, lookups }
}

/** The refusal when a unique slot could not be filled: equal values came up meanwhile, or only in their new form. */
function repeated(next: Entity, error: unknown): unknown {
  const slot = /^record_u(\d)$/.exec(String((error as { constraint?: unknown }).constraint))?.[1]
  const constraint = next.constraints.find((c) => String(c.slot) === slot)
  if (!isUniqueViolation(error) || constraint === undefined) return error
  const names = constraint.keys.map((key) => next.fields.find((field) => field.key === key)?.name ?? key)
  return errors.recordsViolate([mustBeUnique(names, ': several records have the same')])
}

interface InForce {
  entity: Entity
  /** Names of the fields whose stored values have lost white space. */
  trimmed: ReadonlySet<string>
}

/** The second look and the change itself, with writers locked out until it commits. */
async function putInForce(
  tx: Transaction,
  scope: TenantScope,
  { plan, pass, guard }: { plan: ChangePlan; pass: RewritePass | undefined; guard: Guard | undefined },
): Promise<InForce> {
  const { current, next } = plan
  await tx.query('set local statement_timeout = 0')
  await tx.query('select pg_advisory_xact_lock($1)', [current.id])
  const now = await currentEntity(tx, { id: current.tenantId, epoch: 0 }, current.name, undefined)
  // Slots, former names and marks change without a new version; what the plan has not seen must not be undone by it.
  if (!isDeepStrictEqual(now, current)) throw new ConcurrentChange()
  await requireNoChange(tx, current)
  // An entity that a relation leads to may have been deleted since.
  await checkTargets(tx, current.tenantId, plan.parsed)
  await checkRoom(tx, scope, plan.parsed)
  let trimmed: ReadonlySet<string> = new Set()
  if (pass !== undefined) {
    if (pass.since === undefined) await clearSlots(tx, pass)
    const rewriting = rewriteRecords(tx, { ...pass, scope }, true)
    const rewritten = await rewriting.catch((error) => Promise.reject(repeated(next, error)))
    trimmed = rewritten.trimmed
    const refusal = pass.survey.refusal()
    if (refusal !== undefined) throw refusal
    guard?.confirm(plan, rewritten.losses)
  }
  if (next.name !== current.name) await requireFreeName(tx, next)
  await queueFill(tx, current, next.slots)
  return { entity: await updateEntity(tx, next, definitionOf(next)), trimmed }
}

/** What a change leaves behind beside the definition itself: names that follow, a version, an entry in the audit log. */
async function recordReplacement(
  tx: Transaction,
  { actor, action, grace, guard }: Replacement,
  plan: ChangePlan,
  entity: Entity,
) {
  const { current } = plan
  const author = actor ?? null
  await followNames(tx, { current, next: entity, grace, author, keys: newKeys(plan.work.conversions) })
  const changes = diffDefinitions(current, entity).map(describeChange)
  const planId = guard?.planId
  await insertVersion(tx, entity, { author, plan: planId }, changes)
  if (planId !== undefined) await movePlan(tx, entity, { plan: planId, from: ['planned'], to: 'applied' })
  if (actor === undefined) return
  const details = {
    version: entity.version,
    ...(planId === undefined ? {} : { plan: planId }),
    ...(changes.length === 0 ? {} : { changes: changes.slice(0, NAMED_CHANGES) }),
  }
  await recordAudit(tx, actor, { action, target: entity.name, details })
}

async function replaceOnce(context: ReplaceContext, replacement: Replacement): Promise<Replaced> {
  const { db, directory } = context
  const { tenantId, guard } = replacement
  const plan = await onPresentEpoch(directory, tenantId, (scope) =>
    db.transaction(scope, [], (tx) => makePlan(tx, replacement)),
  )
  await guard?.before(plan)
  const look = needsNoRewrite(plan.work) ? undefined : await lookFirst(context, plan, replacement)
  const refusal = look?.survey.report.refusal()
  if (refusal !== undefined) throw refusal
  await guard?.after(plan, look?.survey)
  const { entity, trimmed } = await onPresentEpoch(directory, tenantId, (scope) =>
    db.transaction(scope, 'metadata', async (tx) => {
      const changed = await putInForce(whileAwaited(tx, replacement), scope, {
        plan,
        pass: look?.pass,
        guard,
      })
      await recordReplacement(tx, replacement, plan, changed.entity)
      return changed
    }),
  )
  return { entity, warnings: warningsOf(plan, { backfill: plan.work.backfill, trimmed }) }
}

/**
 * Replaces a definition; the next version is in force on every instance when this returns.
 * errors.recordsViolate when existing records do not satisfy it, errors.schemaChanged, errors.invalidDefinition.
 */
export async function replaceEntity(context: ReplaceContext, replacement: Replacement): Promise<Replaced> {
  return retryStale(
    () => replaceOnce(context, replacement),
    (error) => error instanceof ConcurrentChange,
  )
}
