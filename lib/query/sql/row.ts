// SQL: a record inside a statement: the alias it goes by, and the parameters of the statement. What is rendered for a
// row never names another alias, so the same functions serve the root, embedded entities and `returning`.
import type { Parameters } from '../../db/parameters.ts'
import { errors } from '../../errors.ts'
import { MAX_PARAMETERS } from '../limits.ts'
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
  /** How many rows this one lies in; aliases are made of it. */
  readonly depth: number

  /** Bounds what is put together for the output record that this row is part of. */
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

  /** The same row within a guard; within its own where it has one. */
  guarded(guard: () => SizeGuard): Row {
    const { params, alias, depth } = this
    return this.guard === undefined ? new Row(params, alias, { depth, guard: guard() }) : this
  }

  /** Adds a value and gives the text that stands for it, its type written out so that PostgreSQL never has to guess. */
  bind(value: unknown, type: SqlType): string {
    if (this.params.values.length >= MAX_PARAMETERS)
      throw errors.malformedQuery('The query is too large; select less, or order by less.')
    return `${this.params.add(value)}::${type}`
  }

  /** A row of another record within this one's. */
  inner(letter = 'e'): Row {
    const depth = this.depth + 1
    return new Row(this.params, `${letter}${depth}`, { depth, guard: this.guard })
  }
}
