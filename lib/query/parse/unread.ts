// A refusal of a parameter that is not of the grammar, thrown by the parse stage with the parameter in it. Advice needs the
// fields of the entity, which only later stages have: lib/query/advice.
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
