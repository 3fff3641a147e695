// SQL: a row of the record table within a statement, by its alias, and the parameters of the statement. SQL rendered for a
// row uses no other alias, so the same functions serve the root, embedded entities and `returning`.
import type { Parameters } from '../../db/parameters.ts'
import { errors } from '../../errors.ts'
import { MAX_PARAMETERS } from '../limits.ts'
import type { Leaf } from '../plan/refill.ts'
import type { SizeGuard } from './size-guard.ts'

export type SqlType =
  | 'text'
  | 'uuid'
  | 'timestamptz'
  | 'bigint'
  | 'jsonb'
  | 'text[]'
  | 'uuid[]'
  | 'timestamptz[]'
  | 'jsonb[]'

export class Row {
  readonly alias: string
  readonly params: Parameters
  /** The nesting depth of the row, part of its aliases. */
  readonly depth: number

  /** The size guard of the output record that the row belongs to. */
  readonly guard: SizeGuard | undefined

  constructor(
    params: Parameters,
    alias = 'r',
    { depth = 0, guard }: Pick<Partial<Row>, 'depth' | 'guard'> = {},
  ) {
    this.params = params
    this.alias = alias
    this.depth = depth
    this.guard = guard
  }

  /** The row with this guard, unless it has one. */
  guarded(guard: () => SizeGuard): Row {
    const { params, alias, depth } = this
    return this.guard === undefined ? new Row(params, alias, { depth, guard: guard() }) : this
  }

  /** Adds a value to the parameters; returns its placeholder with an explicit type. */
  bind(value: unknown, type: SqlType): string {
    if (this.params.values.length >= MAX_PARAMETERS)
      throw errors.malformedQuery('The query is too large; select less, or order by less.')
    return `${this.params.add(value)}::${type}`
  }

  /** As `bind`, the value of a leaf of the filter, which another query of the same form may give another one. */
  bindOf(leaf: Leaf, type: SqlType): string {
    this.params.sources.set(this.params.values.length, leaf)
    return this.bind(leaf.kind === 'member' ? leaf.values : leaf.value, type)
  }

  /** A row nested in this one. */
  inner(letter = 'e'): Row {
    const depth = this.depth + 1
    return new Row(this.params, `${letter}${depth}`, { depth, guard: this.guard })
  }
}
