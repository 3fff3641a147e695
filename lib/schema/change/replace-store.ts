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
import type { Entity } from '../../entities/entity.ts'
import { isUniqueViolation } from '../../errors/codes.ts'
import { errors } from '../../errors.ts'
import type { ParsedDefinition } from '../definition/parse-definition.ts'
import { queueFill, updateEntity } from '../entity-store.ts'
import { checkRoom, checkTargets, currentEntity } from './definition-store.ts'
import { clearSlots, findDuplicates, type RewritePass, rewriteRecords } from './record-rewrite-store.ts'
import { needsNoRewrite, type RecordRewrite, reviseDefinition } from './revise.ts'
import { ViolationReport } from './violation-report.ts'

export interface Replacement extends Awaited {
  tenantId: string
  parsed: ParsedDefinition
  /** Versions that If-Match accepts; undefined: any. */
  versions: readonly number[] | undefined
  /** For the audit log; absent: the server itself. */
  actor?: AuditActor
}

/** What a definition is replaced with; the server itself has this shape. */
export interface ReplaceContext {
  db: Pick<TenantDb, 'transaction'>
  directory: Pick<TenantDirectory, 'tenantById'>
}

interface Plan {
  parsed: ParsedDefinition
  current: Entity
  next: Entity
  work: RecordRewrite
}

/** A plan was overtaken by another change of the same entity: it has to be made anew. */
class ConcurrentChange extends Error {}

async function makePlan(tx: Transaction, { tenantId, parsed, versions }: Replacement): Promise<Plan> {
  const current = await currentEntity(tx, { id: tenantId, epoch: 0 }, parsed.name, versions)
  await checkTargets(tx, tenantId, parsed)
  const { definition, work } = reviseDefinition(current, parsed)
  return { parsed, current, next: { ...current, ...definition }, work }
}

/**
 * The first look, without a lock. The second begins with the oldest transaction that is not finished now: whatever an
 * older one wrote is seen here.
 */
async function survey(tx: Transaction, plan: Plan): Promise<RewritePass> {
  const first: RewritePass = { ...plan, survey: new ViolationReport() }
  await tx.query('set local statement_timeout = 0')
  const { rows } = await tx.query<{ horizon: string }>(
    'select (pg_snapshot_xmin(pg_current_snapshot())::text::numeric % 4294967296)::text as horizon',
  )
  const rewrites = await rewriteRecords(tx, first, false)
  await findDuplicates(tx, first)
  const refusal = first.survey.refusal()
  if (refusal !== undefined) throw refusal
  return { ...plan, survey: new ViolationReport(), since: rewrites ? undefined : rows[0]?.horizon }
}

/** The refusal when a unique slot could not be filled: equal values came up meanwhile, or only in their new form. */
function repeated(next: Entity, error: unknown): unknown {
  const slot = /^record_u(\d)$/.exec(String((error as { constraint?: unknown }).constraint))?.[1]
  const constraint = next.constraints.find((c) => String(c.slot) === slot)
  if (!isUniqueViolation(error) || constraint === undefined) return error
  const names = constraint.keys.map((key) => next.fields.find((field) => field.key === key)?.name ?? key)
  const message = `${names.join(', ')} must be unique: several records have the same`
  return errors.recordsViolate([{ pointer: `/${names[0]}`, keyword: 'unique', message }])
}

/** The second look and the change itself, with writers locked out until it commits. */
async function putInForce(
  tx: Transaction,
  scope: TenantScope,
  plan: Plan,
  pass: RewritePass | undefined,
): Promise<Entity> {
  const { current, next } = plan
  await tx.query('set local statement_timeout = 0')
  await tx.query('select pg_advisory_xact_lock($1)', [current.id])
  const now = await currentEntity(tx, { id: current.tenantId, epoch: 0 }, current.name, undefined)
  if (
    now.version !== current.version ||
    now.id !== current.id ||
    !isDeepStrictEqual(now.slots, current.slots)
  )
    throw new ConcurrentChange()
  // An entity that a relation leads to may have been deleted since.
  await checkTargets(tx, current.tenantId, plan.parsed)
  await checkRoom(tx, scope, plan.parsed)
  if (pass !== undefined) {
    if (pass.since === undefined) await clearSlots(tx, pass)
    await rewriteRecords(tx, pass, true).catch((error) => Promise.reject(repeated(next, error)))
    const refusal = pass.survey.refusal()
    if (refusal !== undefined) throw refusal
  }
  const { tenantId: _t, id: _i, name: _n, version: _v, createdAt: _c, updatedAt: _u, ...definition } = next
  await queueFill(tx, current, next.slots)
  return updateEntity(tx, current, definition)
}

function recordReplacement(tx: Transaction, actor: AuditActor, { name, version }: Entity): Promise<void> {
  return recordAudit(tx, actor, { action: 'schema.change', target: name, details: { version } })
}

async function replaceOnce({ db, directory }: ReplaceContext, replacement: Replacement): Promise<Entity> {
  const { tenantId } = replacement
  const plan = await onPresentEpoch(directory, tenantId, (scope) =>
    db.transaction(scope, [], (tx) => makePlan(tx, replacement)),
  )
  const pass = needsNoRewrite(plan.work)
    ? undefined
    : await onPresentEpoch(directory, tenantId, (scope) =>
        db.transaction(scope, [], (tx) => survey(whileAwaited(tx, replacement), plan)),
      )
  return onPresentEpoch(directory, tenantId, (scope) =>
    db.transaction(scope, 'metadata', async (tx) => {
      const entity = await putInForce(whileAwaited(tx, replacement), scope, plan, pass)
      if (replacement.actor !== undefined) await recordReplacement(tx, replacement.actor, entity)
      return entity
    }),
  )
}

/**
 * Replaces a definition; the next version is in force on every instance when this returns.
 * errors.recordsViolate when existing records do not satisfy it, errors.schemaChanged, errors.invalidDefinition.
 */
export async function replaceEntity(context: ReplaceContext, replacement: Replacement): Promise<Entity> {
  return retryStale(
    () => replaceOnce(context, replacement),
    (error) => error instanceof ConcurrentChange,
  )
}
