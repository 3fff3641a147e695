// Operators of the grammar that are not written as it has them: in capitals, or of values that are quantified otherwise.
import { isOperator, takesQuantifier } from '../parse/operators.ts'

const BEGINNING = /^(not\.)?([a-z]+)(?:\(([a-z]*)\))?\./i

const QUANTIFIERS = new Map([
  ...['any', 'some', 'or', 'one'].map((word) => [word, '(any)'] as const),
  ...['all', 'every', 'and', 'each'].map((word) => [word, '(all)'] as const),
])

export interface OwnOperator {
  /** As it was given. */
  written: string
  operator: string
  /** The text behind it. */
  rest: string
}

/** The operator that a value outside the grammar begins with; undefined for one of another language, or none. */
export function ownOperator(value: string): OwnOperator | undefined {
  const [beginning, not = '', word = '', quantifier] = BEGINNING.exec(value.slice(0, 60)) ?? []
  const name = word.toLowerCase()
  if (beginning === undefined || !isOperator(name)) return undefined
  const of = quantifier === undefined ? '' : QUANTIFIERS.get(quantifier.toLowerCase())
  if (of === undefined || (of !== '' && !takesQuantifier(name))) return undefined
  const operator = `${not.toLowerCase()}${name}${of}`
  return { written: beginning.slice(not.length, -1), operator, rest: value.slice(beginning.length).trim() }
}
