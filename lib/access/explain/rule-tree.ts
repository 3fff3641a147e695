// A stored row filter as a tree whose leaves can be asked one by one, for one user: each is planned on its own, with every
// `not` moved into it, so that the leaves together are the condition that the policy plans of the whole.
import type { Entity } from '../../entities/entity.ts'
import { Problem } from '../../errors/problem.ts'
import type { ConditionNode, FilterNode } from '../../query/ast.ts'
import { findOperand } from '../../query/plan/column.ts'
import type { Condition } from '../../query/plan/condition.ts'
import type { Operand } from '../../query/plan/operand.ts'
import { printFilters } from '../../query/print-filter.ts'
import type { StoredFilter } from '../permission.ts'
import { bindUser, parseRule, planRule, ruleContext, type User } from '../rule.ts'

export interface RuleLeaf {
  kind: 'leaf'
  /** The name of the field that it is about. */
  name: string
  /** In the query grammar, with the user's values where the user has them. */
  text: string
  /** Undefined: whatever the record, it is neither true nor false. */
  condition: Condition | undefined
  column: Operand
}

export type RuleTree = RuleLeaf | { kind: 'all' | 'any'; of: RuleTree[] }

/** The tree of a rule for a user; as a text why the rule cannot be used any more, and then it grants nothing. */
export function ruleTree(rule: StoredFilter, entity: Entity, user: User): RuleTree | string {
  const gone = goneField(rule, entity)
  if (gone !== undefined) return `the rule stopped working: it names "${gone}", a field that is gone`
  try {
    return grow(parseRule(rule.filter), false, { entity, user })
  } catch (error) {
    if (error instanceof Problem) return `the rule stopped working: ${error.message}`
    throw error
  }
}

export function leavesOf(tree: RuleTree): RuleLeaf[] {
  return tree.kind === 'leaf' ? [tree] : tree.of.flatMap(leavesOf)
}

/** Whether some record could meet the tree, as far as it does not depend on one. */
export function canHold(tree: RuleTree): boolean {
  if (tree.kind === 'leaf') return tree.condition !== undefined
  return tree.kind === 'all' ? tree.of.every(canHold) : tree.of.some(canHold)
}

/** The leaves by which the tree does not hold: none of those in a part that does. */
export function failingLeaves(tree: RuleTree, holds: (leaf: RuleLeaf) => boolean): RuleLeaf[] {
  if (tree.kind === 'leaf') return holds(tree) ? [] : [tree]
  const failing = tree.of.map((inner) => failingLeaves(inner, holds))
  const isMet =
    tree.kind === 'any' && failing.some((leaves, at) => leaves.length === 0 && !isEmptyAny(tree.of[at]))
  return isMet ? [] : failing.flat()
}

/** `or=()`: false without a leaf that says so. */
const isEmptyAny = (tree: RuleTree | undefined) => tree?.kind === 'any' && tree.of.length === 0

/** The first field of a rule that the entity has no more, or has as another one. */
function goneField(rule: StoredFilter, { fields }: Entity): string | undefined {
  const keys = new Map(fields.map(({ name, key }) => [name, key]))
  return Object.keys(rule.fields).find((name) => keys.get(name) !== rule.fields[name])
}

interface Soil {
  entity: Entity
  user: User
}

function grow(node: FilterNode, negated: boolean, soil: Soil): RuleTree {
  if (node.kind === 'unknown') throw new Error('a stored rule holds an unknown condition')
  const opposite = negated !== node.negated
  if (node.kind === 'condition') return leaf({ ...node, negated: opposite }, soil)
  const kind = (node.kind === 'and') === opposite ? 'any' : 'all'
  return { kind, of: node.nodes.map((inner) => grow(inner, opposite, soil)) }
}

function leaf(node: ConditionNode, { entity, user }: Soil): RuleLeaf {
  const bound = bindUser(node, user)
  return {
    kind: 'leaf',
    name: node.field.name,
    text: printFilters([bound.kind === 'condition' ? bound : node]),
    condition: bound.kind === 'unknown' ? undefined : planRule(node, entity, user),
    column: findOperand(node.field, ruleContext(entity)),
  }
}
