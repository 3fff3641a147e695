// The query language after parsing: what was asked, in the client's own names. It knows no entity;
// the plan stage resolves names and types values.
import type { Operator } from '../fields/field-type.ts'

/** One step into a json value: `->key` keeps JSON, `->>key` gives text. A number is an array index. */
export interface JsonStep {
  arrow: '->' | '->>'
  key: string | number
}

export interface FieldPath {
  name: string
  path: JsonStep[]
}

/** `field=[not.]op.value`, the value still as it was written. A list for `in` and for `op(any)`, `op(all)`. */
export interface ConditionNode {
  kind: 'condition'
  field: FieldPath
  negated: boolean
  operator: Operator
  quantifier?: 'any' | 'all'
  value: string | string[]
}

export interface LogicNode {
  kind: 'and' | 'or'
  negated: boolean
  nodes: FilterNode[]
}

export type FilterNode = ConditionNode | LogicNode

export interface OrderTerm {
  field: FieldPath
  descending: boolean
  /** Absent: last when ascending, first when descending. */
  nulls?: 'first' | 'last'
}

export interface SelectField {
  kind: 'field'
  field: FieldPath
  alias?: string
}

export interface SelectAll {
  kind: 'all'
}

export type SelectItem = SelectAll | SelectField

/** What a list asks of one level: the root or an embedded entity. Every node of `where` must hold. */
export interface Level {
  where: FilterNode[]
  order: OrderTerm[]
  limit?: number
  offset?: number
}

export interface Query extends Level {
  select: SelectItem[]
  cursor?: string
}
