// Plan: the filter of a query after typing: names are columns, values are sort keys or typed texts, and every `not`
// has been moved into the leaves. A leaf is true or not true; "unknown" (null) counts as not true, as in SQL's where.

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
  /** Of a file: that a record holds it in a field that exists. */
  | { kind: 'inUse'; negated: boolean }
  /** That a related record exists that meets the condition. */
  | { kind: 'related'; related: Related; negated: boolean }

/** The records of another entity that belong to a record. */
export interface Related {
  relation: Relation
  /** What the related record must meet, the caller's row filter included. */
  where: Condition
  /** What the record of the entity in between must meet: the caller's row filter. */
  throughWhere?: Condition
}

export interface Relation {
  kind: 'forward' | 'backward' | 'through'
  from: Entity
  target: Entity
  /** The field that makes the relation: of `from` when forward, of `target` when backward, else of `through`. */
  field: Field
  /** The entity that points to both with `field` (to `from`) and `to`. */
  through?: { entity: Entity; to: Field }
  /** Whether there is at most one related record. */
  single: boolean
}
