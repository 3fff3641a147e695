// A violation as a field type reports it: pointers start at the value or the field definition.
import type { Violation } from '../errors/problem.ts'

/** Builds a violation; the message continues the sentence that the pointer starts ("/age must be ..."). */
export function violation(keyword: string, message: string, pointer = ''): Violation {
  return { pointer, keyword, message }
}

/** The violations of an inner value, with the pointer of that value put in front. */
export function below(token: string | number, violations: Violation[]): Violation[] {
  const prefix = `/${escapeToken(String(token))}`
  return violations.map((inner) => ({ ...inner, pointer: prefix + inner.pointer }))
}

/** RFC 6901: `~` and `/` inside a token of a JSON pointer. */
export function escapeToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1')
}
