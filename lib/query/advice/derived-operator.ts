// Operators of other languages that are named after one: with `not` or `n` before it the opposite, with `i` before or after it
// the same without case.
import type { ForeignOperator } from './foreign-operator.ts'

const NEGATED = /^(?:isnot|doesnot|not|n)(.+)$/

const CASELESS = /^i(.+)$|^(.+)i$/

/**
 * The operator that a name is derived from, changed accordingly.
 *
 * @param find the operator of a plain name
 */
export function derivedOperator(
  name: string,
  find: (name: string) => ForeignOperator | undefined,
): ForeignOperator | undefined {
  const [, opposite] = NEGATED.exec(name) ?? []
  const negated = opposite === undefined ? undefined : (find(opposite) ?? caseless(opposite, find))
  if (negated !== undefined) return suggesting(negated, negate)
  return caseless(name, find)
}

function caseless(name: string, find: (name: string) => ForeignOperator | undefined) {
  const [, after, before] = CASELESS.exec(name) ?? []
  const base = find(after ?? before ?? '')
  return base && suggesting(base, (spelling) => spelling.replace('=like.', '=ilike.'))
}

function suggesting(base: ForeignOperator, change: (spelling: string) => string): ForeignOperator {
  return { ...base, suggest: (field, value) => base.suggest(field, value).map(change) }
}

/** The opposite of a filter, or of two that must both hold. */
export function negate(spelling: string): string {
  const parts = spelling.split('&')
  if (parts.length > 1) return `not.and=(${parts.map((part) => part.replace('=', '.')).join(',')})`
  return spelling.includes('=not.') ? spelling.replace('=not.', '=') : spelling.replace('=', '=not.')
}
