// The refusal of a parameter outside the grammar, with the parameter. Advice on it requires the fields of the entity, which
// only later stages have: see lib/query/advice.
import { Problem } from '../../errors/problem.ts'
import { errors } from '../../errors.ts'

export class UnreadParameter extends Problem {
  /** The parameter, decoded. */
  readonly parameter: string
  readonly value: string

  constructor(parameter: string, value: string, detail: string, hint?: string) {
    super(errors.malformedQuery.kind, detail, hint === undefined ? {} : { hint })
    this.parameter = parameter
    this.value = value
  }

  /** The same refusal of a parameter of an embedded level. */
  at(levels: readonly string[]): UnreadParameter {
    const { parameter, value, message, extras } = this
    return new UnreadParameter([...levels, parameter].join('.'), value, message, extras.hint)
  }
}
