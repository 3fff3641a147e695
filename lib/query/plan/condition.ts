// Plan: the typed filter of a query: names are columns, values are sort keys or typed texts, and every `not` has been moved
// into the leaves. A leaf is true or not true; "unknown" (null) counts as not true, as in SQL's where.

import type { Entity } from '../../entities/entity.ts'
import type { Field } from '../../fields/field.ts'
import type { FieldColumn, JsonColumn, Operand } from './operand.ts'
import type { Pattern } from './pattern.ts'

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>='

export type Condition =
  /** All must hold; none is true. */
  | { kind: 'all'; of: Condition[] }
  /** One must hold; none is false. */
  | { kind: 'any'; of: Condition[] }
  | { kind: 'compare'; column: Operand; comparison: Comparison; value: string }
  /** As `compare`, for a key that was cut: where the keys are equal the text itself decides. */
  | { kind: 'compareLong'; column: FieldColumn; comparison: Comparison; key: string; text: string }
  | { kind: 'member'; column: Operand; negated: boolean; values: string[] }
  /** As `member`, with cut keys among the values. */
  | { kind: 'memberLong'; column: FieldColumn; negated: boolean; keys: string[]; texts: string[] }
  | { kind: 'null'; column: Operand; negated: boolean }
  | { kind: 'match'; column: FieldColumn | JsonColumn; negated: boolean; pattern: Pattern }
  /** `@>`, `<@` with a JSON value; `overlaps` with the values of which one must be in the list, each in a list itself. */
  | { kind: 'contains' | 'contained'; column: FieldColumn | JsonColumn; negated: boolean; json: string }
  | { kind: 'overlaps'; column: FieldColumn; negated: boolean; lists: string[] }
  /** A record holds the file in a field that exists. */
  | { kind: 'inUse'; negated: boolean }
  /** A related record exists that meets the condition. */
  | { kind: 'related'; related: Related; negated: boolean }

/** The records of another entity that belong to a record. */
export interface Related {
  relation: Relation
  /** The condition on the related record, the caller's row filter included. */
  where: Condition
  /** The caller's row filter on the record of the entity in between. */
  throughWhere?: Condition
}

export interface Relation {
  kind: 'forward' | 'backward' | 'through'
  from: Entity
  target: Entity
  /** The relation field: of `from` when forward, of `target` when backward, else of `through`. */
  field: Field
  /** The entity in between, which refers to `from` by `field` and to the target by `to`. */
  through?: { entity: Entity; to: Field }
  /** Whether there is at most one related record. */
  single: boolean
}
