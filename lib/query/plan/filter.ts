// Plan: parsed filters x entity -> Condition. Resolves names, types values, and moves each `not` into the leaves, where it
// becomes the opposite comparison; so a null never matches a comparison, negated or not, with or without a slot.

import type { ConditionNode, FilterNode } from '../ast.ts'
import { findOperand } from './column.ts'
import { planComparison } from './comparison.ts'
import type { Condition, Related } from './condition.ts'
import type { PlanContext } from './context.ts'
import { FILTERED_NAMES, isFiles, planInUse } from './file-columns.ts'

export interface FilterContext extends PlanContext {
  /** The embedded entities of this level: `course=is.null` asks for the records that have none. */
  embeds: ReadonlyMap<string, Related>
}

/** The context in which the order of a level is planned. */
export interface OrderContext extends FilterContext {
  /** The records of a relation that is not embedded; errors.unknownRelation. */
  relatedTo(name: string): Related
}

/** Plans filters that must all hold. */
export function planFilter(nodes: readonly FilterNode[], context: FilterContext): Condition {
  return { kind: 'all', of: nodes.map((node) => planNode(node, false, context)) }
}

function planNode(node: FilterNode, negated: boolean, context: FilterContext): Condition {
  if (node.kind === 'unknown') return { kind: 'any', of: [] }
  const opposite = negated !== node.negated
  if (node.kind === 'condition') return planCondition(node, opposite, context)
  const kind = (node.kind === 'and') === opposite ? 'any' : 'all'
  return { kind, of: node.nodes.map((inner) => planNode(inner, opposite, context)) }
}

function planCondition(node: ConditionNode, negated: boolean, context: FilterContext): Condition {
  const related = node.field.path.length === 0 ? context.embeds.get(node.field.name) : undefined
  if (related !== undefined && node.operator === 'is') {
    if (node.value === 'null') return { kind: 'related', related, negated: !negated }
    if (node.value === 'not_null') return { kind: 'related', related, negated }
  }
  const inUse = isFiles(context.entity) ? planInUse(node, negated) : undefined
  return inUse ?? planComparison(node, findOperand(node.field, context, FILTERED_NAMES), negated)
}
