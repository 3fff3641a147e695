// Refusals of the query language: what does not parse, and what does not fit the entity.
import { problem } from './problem.ts'

export const queryErrors = {
  malformedQuery: problem(
    { status: 400, code: 'malformed_query', title: 'The query cannot be read' },
    (detail: string, hint?: string) => ({ detail, ...(hint === undefined ? {} : { hint }) }),
  ),
  unknownField: problem(
    { status: 400, code: 'unknown_field', title: 'Unknown field' },
    (name: string, allowed: string[]) => ({
      detail: `There is no field "${name}".`,
      hint: `Fields: ${allowed.join(', ')}`,
    }),
  ),
  invalidValue: problem(
    { status: 400, code: 'invalid_value', title: 'The value does not fit the field' },
    (field: string, value: string, expected: string) => `"${value}" is not a value of ${field}: ${expected}.`,
  ),
  operatorNotAllowed: problem(
    { status: 400, code: 'operator_not_allowed', title: 'The operator does not fit the field' },
    (field: string, operator: string, allowed: readonly string[]) => ({
      detail: `The operator ${operator} does not work on ${field}.`,
      hint: `Operators: ${allowed.join(', ')}`,
    }),
  ),
}
