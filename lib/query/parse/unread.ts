// The refusal of a parameter outside the grammar, with the parameter. Advice on it requires the fields of the entity, which
// only later stages have: see lib/query/advice.
import { Problem } from '../../errors/problem.ts'
import { errors } from '../../errors.ts'

interface Unread {
  parameter: string
  value: string
  grouped?: boolean
}

export class UnreadParameter extends Problem {
  /** The parameter, decoded. */
  readonly parameter: string
  readonly value: string
  /** Whether it is a filter within `or=(..)` or `and=(..)`. */
  readonly grouped: boolean

  constructor({ parameter, value, grouped = false }: Unread, detail: string, hint?: string) {
    super(errors.malformedQuery.kind, detail, hint === undefined ? {} : { hint })
    this.parameter = parameter
    this.value = value
    this.grouped = grouped
  }

  /** The same refusal of a parameter of an embedded level. */
  at(levels: readonly string[]): UnreadParameter {
    const { parameter, value, grouped, message, extras } = this
    const unread = { parameter: [...levels, parameter].join('.'), value, grouped }
    return new UnreadParameter(unread, message, extras.hint)
  }
}
