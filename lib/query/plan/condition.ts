// Plan: the filter of a query after typing: names are columns, values are sort keys or typed texts, and every `not`
// has been moved into the leaves. A leaf is true or not true; "unknown" (null) counts as not true, as in SQL's where.
import type { Column, FieldColumn } from './column.ts'

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>='

export type Condition =
  /** All must hold; none is true. */
  | { kind: 'all'; of: Condition[] }
  /** One must hold; none is false. */
  | { kind: 'any'; of: Condition[] }
  | { kind: 'compare'; column: Column; comparison: Comparison; value: string }
  /** As `compare`, for a key that was cut: where the keys are equal the text itself decides. */
  | { kind: 'compareLong'; column: FieldColumn; comparison: Comparison; key: string; text: string }
  | { kind: 'member'; column: Column; negated: boolean; values: string[] }
  /** As `member`, with cut keys among the values. */
  | { kind: 'memberLong'; column: FieldColumn; negated: boolean; keys: string[]; texts: string[] }
  | { kind: 'null'; column: Column; negated: boolean }
