// Explains access: to one record, or to those of a filter. What a caller who is no admin may not read is as missing here as
// everywhere; what an admin asks is recorded, as it may be about what somebody else can see.
import { explainFields } from '../../access/explain/explain-fields.ts'
import {
  type ExplainedCondition,
  explainLeaf,
  explainVerbs,
  type Findings,
  ruleFor,
} from '../../access/explain/explain-verbs.ts'
import { findingsOf } from '../../access/explain/findings.ts'
import { failingLeaves, leavesOf, type RuleLeaf } from '../../access/explain/rule-tree.ts'
import { type Trace, traceAccess } from '../../access/explain/subject.ts'
import { conditionOf } from '../../access/policy.ts'
import { isAdmin } from '../../access/roles.ts'
import { insertAudit } from '../../audit/audit-store.ts'
import { oneRow } from '../../db/columns.ts'
import { errors } from '../../errors.ts'
import type { Query } from '../../query/ast.ts'
import type { Condition } from '../../query/plan/condition.ts'
import { planSelection } from '../../query/plan/level.ts'
import { explainListSql, explainRecordSql } from '../../query/sql/explain-access.ts'
import { type Actor, planContext, type RecordContext } from '../actor.ts'
import { permissionSource } from './permission-source-store.ts'
import { findSubject } from './subject-store.ts'

type Stores = Pick<RecordContext, 'db' | 'registry'>

/** Verbs about records there are. */
const PRESENT = ['read', 'update', 'delete'] as const

const ALL: Condition = { kind: 'all', of: [] }

/**
 * Why the subject may or may not do something with a record; errors.recordNotFound, also for one that a caller who is no admin
 * may not read, and those of findSubject.
 */
export async function explainRecord(
  stores: Stores,
  actor: Actor,
  { as, id }: { as: string | undefined; id: string },
): Promise<object> {
  const { trace, ...heading } = await open(stores, actor, as)
  // Who may read nothing learns what they may do, and nothing of the record.
  const isClosed = !trace.asksAdmin && trace.policy.read === false
  if (isClosed) await stores.registry.confirm(actor.caller.tenant)
  const findings = isClosed ? undefined : await findRecord(stores, actor, { trace, id })
  await record(stores, actor, { as: trace.subject.as, id })
  return { ...heading, verbs: explainVerbs(trace, findings), fields: explainFields(trace) }
}

/** How many records of a filter the subject sees, and of up to five others why not; those of findSubject and planSelection. */
export async function explainList(
  stores: Stores,
  actor: Actor,
  { as, query, asked }: { as: string | undefined; query: Query; asked: string },
): Promise<object> {
  const { trace, ...heading } = await open(stores, actor, as)
  const scope = planSelection(query.where, planContext(actor))
  const leaves = readLeaves(trace)
  const seen = conditionOf(trace.policy.read) ?? ALL
  const statement = explainListSql(scope, seen, askedOf(leaves))
  const { isAbandoned } = actor
  const [visible, total, hidden] = oneRow(
    await stores.db.read(actor.caller.tenant, { ...statement, isAbandoned }),
  )
  await record(stores, actor, { as: trace.subject.as, filter: asked })
  return {
    ...heading,
    filter: filterOf(trace),
    verbs: explainVerbs(trace),
    fields: explainFields(trace),
    visible: Number(visible),
    total: Number(total),
    hidden: (JSON.parse(hidden ?? '[]') as Found[]).map((found) => explainHidden(trace, leaves, found)),
  }
}

/** The trace, and what every answer begins with. */
async function open(stores: Stores, { caller, entity }: Actor, as: string | undefined) {
  const subject = await findSubject(stores, caller, as)
  const trace = traceAccess(subject, entity, isAdmin(caller.role))
  const permission = await permissionSource(stores, caller.tenant, trace)
  return { trace, as: subject.as, ...(subject.isDisabled ? { disabled: true } : {}), permission }
}

/** Those of admins alone: others learn nothing that they could not read, and must not be able to fill the log. */
async function record(
  { db }: Stores,
  { caller, entity }: Actor,
  details: { as: string; id?: string; filter?: string },
): Promise<void> {
  if (!isAdmin(caller.role)) return
  const event = { action: 'access.explain', target: entity.name, details } as const
  await db.write(caller.tenant, [], insertAudit(caller, event))
}

const askedOf = (leaves: readonly RuleLeaf[]) => ({
  conditions: leaves.map(({ condition }) => condition),
  columns: leaves.map(({ column }) => column),
})

const knownLeaves = ({ rules, mayKnow }: Trace, verb: (typeof PRESENT)[number]) => {
  const { tree } = rules[verb]
  return tree === undefined ? [] : leavesOf(tree).filter(({ name }) => mayKnow(name))
}

const readLeaves = (trace: Trace) => knownLeaves(trace, 'read')

async function findRecord(
  { db }: Stores,
  actor: Actor,
  { trace, id }: { trace: Trace; id: string },
): Promise<Findings> {
  const { policy } = trace
  const leaves = PRESENT.flatMap((verb) => knownLeaves(trace, verb))
  const verdicts = [policy.read, policy.updateUsing, policy.delete].map((rows) => conditionOf(rows) ?? ALL)
  const statement = explainRecordSql(planSelection([], planContext(actor)), id, {
    verdicts,
    ...askedOf(leaves),
  })
  const [row] = await db.read(actor.caller.tenant, statement)
  if (row === undefined) throw errors.recordNotFound()
  const [[read, update, remove], holds, values] = (row as string[]).map((text) => JSON.parse(text))
  return {
    allowed: { read: read === true, update: update === true, delete: remove === true },
    of: findingsOf(leaves, holds, values),
  }
}

/** The filter in force for the subject's list, as stored. */
function filterOf(trace: Trace): boolean | string | null {
  return trace.policy.read === false ? false : ruleFor(trace, 'read')
}

type Found = [id: string, holds: (boolean | null)[], values: unknown[]]

function explainHidden(
  trace: Trace,
  leaves: readonly RuleLeaf[],
  [id, holds, values]: Found,
): { id: string; conditions: ExplainedCondition[] } {
  const of = findingsOf(leaves, holds, values)
  const { tree } = trace.rules.read
  const failing = tree === undefined ? [] : failingLeaves(tree, (leaf) => of(leaf).holds === true)
  return { id, conditions: failing.map((leaf) => explainLeaf(leaf, { of })) }
}
