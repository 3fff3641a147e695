// The interface of field types: one file per type in this folder, one row per type in index.ts. Validation, docs, keys,
// operators and messages are derived from it.

import type { Violation } from '../errors/problem.ts'
import type { Field, JsonSchema } from './field.ts'
import type { Rounding } from './rounding.ts'

/** The filter operators of the query grammar that can be typed by a field. */
export type Operator =
  | 'eq'
  | 'neq'
  | 'gt'
  | 'gte'
  | 'lt'
  | 'lte'
  | 'in'
  | 'is'
  | 'isdistinct'
  | 'like'
  | 'ilike'
  | 'cs'
  | 'cd'
  | 'ov'

/** The targets of one relation or file field in a value, at any depth. */
export interface LinkTarget {
  /** Name of the entity the ids belong to; null for a file. */
  entity: string | null
  ids: string[]
  /** The relation or file field itself, with its options (mime_types, max_size, on_delete). */
  field: Field
}

/** A JSON Schema string format: validation, and the words of a refusal ("must be ..."). */
export interface Format {
  name: string
  test(text: string): boolean
  /** Continues "must be": `a date such as 2024-02-29`. */
  expects: string
}

/** A sort key that is the stored text itself, that of a moment without its Z, or 0 and 1 for a boolean. */
export type KeyInSql = 'text' | 'moment' | 'boolean'

/** How values of another type are taken over, where the type alone does not say. */
export interface Takeover {
  round?: Rounding | undefined
  /** IANA name of the zone of local times; absent: UTC for days, and a local time is no instant. */
  timezone?: string | undefined
}

/** A value of another type as one of this; `lossy`: it has lost something. */
export interface TakenOver {
  value: unknown
  lossy?: true
}

/**
 * A field type: from the definition to JSON Schema, stored form, index key and docs. Pure.
 * `F` is the field with the type's own options.
 */
export interface FieldType<F extends Field = Field> {
  readonly name: string
  /** Other accepted spellings in a definition (`int` for `integer`). */
  readonly aliases: readonly string[]
  /** One sentence for the docs. */
  readonly summary: string
  /** JSON Schema of each option this type adds to the common ones; any other option is refused. */
  readonly options: Readonly<Record<string, JsonSchema>>
  /** Options that a definition requires. */
  readonly requiredOptions?: readonly string[]
  /** Options that hold definitions themselves: one field without a name, or a list of fields. */
  readonly nested?: Readonly<Record<string, 'field' | 'fields'>>
  /** The format that `jsonSchema` names, when it is the type's own. */
  readonly format?: Format
  /** Operators a filter may use on it. */
  operators(field: F): readonly Operator[]
  /** Rules between options that JSON Schema cannot say; pointers relative to the field. `nested`: inside a value. */
  check?(field: F, nested: boolean): Violation[]
  /** JSON Schema of a set (non-null) value; it both validates and documents. */
  jsonSchema(field: F): JsonSchema
  /** A valid value for the docs; undefined where none is safe to promise. */
  example?(field: F): unknown
  /** Rules on a value that JSON Schema cannot say; the value has passed jsonSchema. Pointers relative to it. */
  verify?(value: unknown, field: F): Violation[]
  /** The canonical stored form of a valid value (datetime to UTC, ...), alone or in a list; absent: stored as sent. */
  normalize?(value: unknown, field: F, inList?: boolean): unknown
  /** Whether equal values may have different stored forms: then they have one sort key, and are one group by it. */
  readonly hasEquivalents?: boolean
  /** The order-preserving text key of a stored value; absent or null: the field cannot be ordered or compared. */
  sortKey?(value: unknown, field: F): string | null
  /** How SQL makes the sort key of a stored value, where it can: then records keep none. Absent: Node alone makes it. */
  readonly keyInSql?: KeyInSql
  /** Whether values with one sort key are always the same: groups need not look at the values then. Absent: no. */
  keyIsWhole?(field: F): boolean
  /** The sort key that records of an earlier version may have; undefined where it was the same. */
  formerKey?(value: unknown): string | undefined
  /** The exact text of a stored value, equal for equal values only; absent or null: the field cannot be unique. */
  exactKey?(value: unknown, field: F): string | null
  /** The text of a stored value without case; absent: `"unique": "ci"` is not possible. */
  caselessKey?(value: unknown, field: F): string
  /** The comparison of `"unique": true` in a new field; absent: exact. */
  readonly uniqueByDefault?: 'ci'
  /** The stored form of a filter's text (`age=gt.5`); undefined when the text is no value of this type. */
  parse?(text: string, field: F): unknown
  /**
   * A value of another type, where its text is not what `parse` reads: undefined: the text decides; null: it is no value of
   * this one. Only single values; the result is validated.
   */
  fromOther?(value: unknown, from: Field, how: Takeover & { field: F }): TakenOver | null | undefined
  /** The field that each element of a list value satisfies; undefined when values are no lists. */
  element?(field: F): Field | undefined
  /** The records or files a stored value points to. */
  links?(value: unknown, field: F): LinkTarget[]
  /** The entities that values may point to; null stands for files. */
  targets?(field: F): (string | null)[]
}

/** Finds a type by its canonical name. */
export type TypeLookup = (name: string) => FieldType
