// The syntax tree of a query, in the names that the request uses. Independent of any entity: the plan stage resolves names
// and types values.
import type { Operator } from '../fields/field-type.ts'

/** One step into a json value: a member's name, or an index (from the end when negative). */
export type JsonStep = string | number

/** `name`, `name->step`, `name->step->>step`. */
export interface FieldPath {
  name: string
  path: JsonStep[]
  /** Whether the last arrow was `->>`, which gives text. */
  text: boolean
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

/** Neither true nor false, as a comparison with null: never parsed, but a row filter may result in it. */
export interface UnknownNode {
  kind: 'unknown'
}

export type FilterNode = ConditionNode | LogicNode | UnknownNode

export interface OrderTerm {
  /** The embedded entity whose field this is: `order=course(name)`. */
  relation?: string
  field: FieldPath
  descending: boolean
  /** Absent: last when ascending, first when descending. */
  nulls?: 'first' | 'last'
}

export type AggregateName = 'count' | 'sum' | 'avg' | 'min' | 'max'

export interface SelectAll {
  kind: 'all'
}

export interface SelectField {
  kind: 'field'
  field: FieldPath
  /** Whether it is cast to text: `age::text`. */
  text?: boolean
  alias?: string
}

/** `amount.sum()`; without a field: `count()`. */
export interface SelectAggregate {
  kind: 'aggregate'
  aggregate: AggregateName
  field?: FieldPath
  alias?: string
}

/** `alias:name!hint!inner(select)`; with `...` in front its outputs become the parent's. */
export interface SelectEmbed {
  kind: 'embed'
  name: string
  alias?: string
  hint?: string
  inner: boolean
  spread: boolean
  select: SelectItem[]
}

export type SelectItem = SelectAll | SelectField | SelectAggregate | SelectEmbed

/** The query of one level: of the root or of an embedded entity. Every node of `where` must hold. */
export interface Level {
  where: FilterNode[]
  order: OrderTerm[]
  limit?: number
  offset?: number
  /** The levels below, by the name that the parameters use: `course.limit=5`. */
  embedded: Map<string, Level>
}

export interface Query extends Level {
  select: SelectItem[]
  /** Whether it reads records of other entities. */
  usesOthers: boolean
  cursor?: string
  /** The fields that a write may set, and those whose unique constraint finds the record to merge with. */
  columns?: string[]
  /** What the body calls those of `columns` that it has under another name. */
  columnSources?: ReadonlyMap<string, string>
  onConflict?: string[]
}

export const newLevel = (): Level => ({ where: [], order: [], embedded: new Map() })
