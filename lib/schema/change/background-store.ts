// Changes that write too many records for writers to be locked out meanwhile: these are prepared beside live traffic.
import { onPresentEpoch } from '../../db/current-epoch.ts'
import type { Queryable, Transaction } from '../../db/statement.ts'
import { whileAwaited } from '../../db/while-awaited.ts'
import type { Entity } from '../../entities/entity.ts'
import { typeOf } from '../../fields/index.ts'
import { beginChange } from '../conversion/begin-store.ts'
import { untilLocked } from '../conversion/entity-lock-store.ts'
import { type ChangePlan, INLINE_RECORDS, quarantines } from './change-plan.ts'
import { checkRoom, checkTargets } from './definition-store.ts'
import type { RewritePass } from './record-rewrite-store.ts'
import type { ReplaceContext, Replacement } from './replacement.ts'

/** Whether references come back: some of what they led to may be gone. */
function revivesLinks({ next, work }: ChangePlan): boolean {
  const revived = next.fields.filter(({ key }) => work.revived.has(key) || work.conversions.get(key)?.revives)
  return revived.some((field) => typeOf(field.type).targets?.(field).length)
}

async function isLarge(tx: Queryable, { tenantId, id }: Entity): Promise<boolean> {
  const text = `select from record where tenant_id = $1 and entity_id = $2 offset ${INLINE_RECORDS} limit 1`
  return (await tx.query(text, [tenantId, id])).rows.length > 0
}

/** How many records the entity has. */
export async function countRecords(tx: Queryable, { tenantId, id }: Entity): Promise<number> {
  const text = 'select count(*)::float8 as count from record where tenant_id = $1 and entity_id = $2'
  return (await tx.query<{ count: number }>(text, [tenantId, id])).rows[0]?.count ?? 0
}

/**
 * Begins a change that rewrites many records or lists some, and gives its plan; undefined: it is to be made at once. What
 * beginChange throws.
 *
 * @param pass the first look; undefined: no record has to be looked at
 */
export async function beginIfLarge(
  { db, directory }: ReplaceContext,
  replacement: Replacement,
  { plan, pass }: { plan: ChangePlan; pass: RewritePass | undefined },
): Promise<string | undefined> {
  const { current, parsed } = plan
  if (pass === undefined || pass.since !== undefined || revivesLinks(plan)) return undefined
  const inTenant = <T>(work: (tx: Transaction) => Promise<T>) =>
    onPresentEpoch(directory, current.tenantId, (scope) => db.transaction(scope, [], work))
  if (!quarantines(plan) && !(await inTenant((tx) => isLarge(tx, current)))) return undefined
  const total = await inTenant((tx) => countRecords(tx, current))
  const begin = () =>
    onPresentEpoch(directory, current.tenantId, (scope) =>
      db.transaction(scope, 'metadata', async (transaction) => {
        const tx = whileAwaited(transaction, replacement)
        await checkTargets(tx, current.tenantId, parsed)
        await checkRoom(tx, scope, parsed)
        return beginChange(
          tx,
          { ...plan, planId: replacement.guard?.planId },
          { ...leaving(replacement), total },
        )
      }),
    )
  return untilLocked(begin, replacement)
}

function leaving({ actor, action, grace }: Replacement) {
  const author = actor === undefined ? null : { id: actor.id, username: actor.username }
  return { action, author, ...(grace === undefined ? {} : { grace }) }
}
