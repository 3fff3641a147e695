// What a subject may do, verb by verb, with one record or at all: the decision is the policy's, the conditions are shown beside.
import { type Permission, VERBS, type Verb } from '../permission.ts'
import { lacksRequired, rowsOf } from '../policy.ts'
import { ANONYMOUS } from '../roles.ts'
import { canHold, leavesOf, type RuleLeaf } from './rule-tree.ts'
import type { Trace } from './subject.ts'

/** A leaf of a rule and, where there is a record, the record's value and whether it holds; null: neither true nor false. */
export interface ExplainedCondition {
  condition: string
  value?: unknown
  holds?: boolean | null
}

export interface ExplainedVerb {
  allowed: boolean
  /** As stored; null: it names what the one who asks may not know. */
  rule: boolean | string | null
  because?: string
  conditions?: ExplainedCondition[]
}

/** What the database has found of one record. */
export interface Findings {
  /** Whether the record is among the rows of each verb that is about records there are. */
  allowed: Readonly<Record<Exclude<Verb, 'create'>, boolean>>
  of(leaf: RuleLeaf): { value: unknown; holds: boolean | null }
}

/** @param findings undefined: no record is looked at */
export function explainVerbs(trace: Trace, findings?: Findings): Record<Verb, ExplainedVerb> {
  return Object.fromEntries(VERBS.map((verb) => [verb, explainVerb(trace, verb, findings)])) as Record<
    Verb,
    ExplainedVerb
  >
}

function explainVerb(trace: Trace, verb: Verb, findings?: Findings): ExplainedVerb {
  const allowed =
    verb === 'create' || findings === undefined
      ? isWithinReach(trace, verb)
      : findings.allowed[verb]
        ? rowsOf(trace.policy, verb) !== false
        : findings.allowed[verb]
  const because = allowed ? undefined : whyNot(trace, verb)
  const { tree } = trace.rules[verb]
  // What a new record must be is not found on one that is there.
  const found = verb === 'create' ? undefined : findings
  const leaves = tree === undefined ? undefined : leavesOf(tree).filter(({ name }) => trace.mayKnow(name))
  return {
    allowed,
    rule: ruleFor(trace, verb),
    ...(because === undefined ? {} : { because }),
    ...(leaves === undefined ? {} : { conditions: leaves.map((leaf) => explainLeaf(leaf, found)) }),
  }
}

/** Whether there can be such a record. Of visitors it is known that nothing is theirs; of a role's users it is not. */
function isWithinReach({ policy, rules, subject }: Trace, verb: Verb): boolean {
  const { tree } = rules[verb]
  const isNobodys = subject.user.role === ANONYMOUS && tree !== undefined && !canHold(tree)
  return rowsOf(policy, verb) !== false && !isNobodys
}

export function explainLeaf(leaf: RuleLeaf, findings?: Pick<Findings, 'of'>): ExplainedCondition {
  return { condition: leaf.text, ...findings?.of(leaf) }
}

/** The rule's text; null where it names what the one who asks may not know. */
export function ruleFor({ permission, rules, mayKnow }: Trace, verb: Verb): boolean | string | null {
  const stored = permission[verb]
  if (typeof stored === 'boolean') return stored
  const { tree } = rules[verb]
  const names = tree === undefined ? Object.keys(stored.fields) : leavesOf(tree).map(({ name }) => name)
  return names.every(mayKnow) ? stored.filter : null
}

/** A reason beside the conditions; undefined: they say it. */
function whyNot(trace: Trace, verb: Verb): string | undefined {
  const { permission, policy, rules, entity, subject } = trace
  const { role } = subject.user
  const { stopped } = rules[verb]
  if (stopped !== undefined) return ruleFor(trace, verb) === null ? 'the rule stopped working' : stopped
  if (permission[verb] === false) return `not granted to ${role}`
  if (verb === 'create')
    return lacksRequired(entity, policy)
      ? `fields.write of ${role} lacks a required field without a default`
      : undefined
  return verb === 'read' ? undefined : whyUnreadable(permission, policy.read === false, role)
}

function whyUnreadable({ read }: Permission, isClosed: boolean, role: string): string | undefined {
  if (isClosed) return `what is changed or deleted must be readable, and ${role} may read no record`
  return read === true ? undefined : 'what is changed or deleted must be readable as well: see read'
}
