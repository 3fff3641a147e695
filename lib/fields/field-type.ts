// The interface every field type implements: one file per type beside this one, one row per type in index.ts.
import type { Violation } from '../errors/problem.ts'
import type { Field, JsonSchema } from '../schema/entity.ts'

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

/** One relation or file value of a record: what the link table keeps. */
export interface LinkTarget {
  /** Name of the entity the value points to; null for a file. */
  entity: string | null
  ids: string[]
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
  /** Operators a filter may use on it. */
  readonly operators: (field: F) => readonly Operator[]
  /** Rules between options that JSON Schema cannot say; pointers relative to the field. */
  check?(field: F): Violation[]
  /** JSON Schema of a set (non-null) value; it both validates and documents. */
  jsonSchema(field: F): JsonSchema
  /** Rules on a value that JSON Schema cannot say; the value has passed jsonSchema. Pointers relative to it. */
  verify?(value: unknown, field: F): Violation[]
  /** The canonical stored form of a valid value (datetime to UTC, ...); absent: stored as sent. */
  normalize?(value: unknown, field: F): unknown
  /** The order-preserving text key of a stored value; absent or null: the field cannot be ordered or sliced. */
  sortKey?(value: unknown, field: F): string | null
  /** The stored form of a filter's text (`age=gt.5`); undefined when the text is no value of this type. */
  parse?(text: string, field: F): unknown
  /** The records or files a stored value points to. */
  links?(value: unknown, field: F): LinkTarget
}
