// Refusals of some rows of a batch, told by the numbers that the rows have outside of it.
import { Problem, type Violation, violated } from '../../errors/problem.ts'
import { errors } from '../../errors.ts'
import type { Repetition } from './conflicts.ts'

/**
 * errors.uniqueConflict of rows that want what an earlier row of their batch wants. Where rows are stored each for itself
 * and the earlier one comes to nothing, they are tried again.
 */
export class RepeatedRows extends Problem {
  /** By the row that repeats it, the one that came first. */
  readonly firsts: ReadonlyMap<number, number>

  constructor(repeated: readonly Repetition[]) {
    const { kind, message, extras } = errors.uniqueConflict(repeated.map(({ violation }) => violation))
    super(kind, message, extras)
    this.firsts = new Map(repeated.map(({ violation, first }) => [violation.row, first]))
  }

  /** The same of rows with other numbers. */
  at(numbers: readonly number[], violations: readonly Violation[]): RepeatedRows {
    const numberOf = (row: number) => numbers[row] ?? row
    const firsts = new Map([...this.firsts].map(([row, first]) => [numberOf(row), numberOf(first)]))
    const repeated = violations.map(({ row = 0, ...violation }) => {
      return { violation: { ...violation, row }, first: firsts.get(row) ?? row }
    })
    return new RepeatedRows(repeated)
  }
}

/** For a catch: the refusal with each row's number replaced; `numbers` holds them by the place in the batch. */
export function atRows(numbers: readonly number[]): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof Problem)) throw error
    const violations = error.extras.errors?.map((violation) => {
      const row = numbers[violation.row ?? (numbers.length === 1 ? 0 : -1)]
      return row === undefined ? violation : { ...violation, row }
    })
    if (violations === undefined) throw error
    if (error instanceof RepeatedRows) throw error.at(numbers, violations)
    throw withViolations(error, violations)
  }
}

/** The refusal with these violations in place of its own. */
export function withViolations({ kind, extras }: Problem, violations: readonly Violation[]): Problem {
  const { detail, errors } = violated(violations, kind.code === 'row_not_allowed' ? 'record' : undefined)
  return new Problem(kind, detail, { ...extras, errors })
}

/** For a catch: the refusal without row numbers, for a body that is one record. */
export function withoutRows(error: unknown): never {
  if (!(error instanceof Problem) || error.extras.errors === undefined) throw error
  const violations = error.extras.errors.map(({ row: _, ...violation }) => violation)
  throw withViolations(error, violations)
}

/** The violations of a refusal by the row that they name; in a batch of one they need not name it. */
export function violationsByRow({ extras }: Problem, size: number): Map<number, Violation[]> {
  const byRow = new Map<number, Violation[]>()
  for (const { row = size === 1 ? 0 : undefined, ...violation } of extras.errors ?? [])
    if (row !== undefined) byRow.set(row, [...(byRow.get(row) ?? []), violation])
  return byRow
}
