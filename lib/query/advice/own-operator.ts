// Operators of the grammar that are not written as it has them: in capitals, or of values that are quantified otherwise.
import { isOperator, takesQuantifier } from '../parse/operators.ts'

const BEGINNING = /^(not\.)?([a-z]+)(?:\(([a-z]*)\))?\./i

const ANY = /^(?:any|some|or|one)$/i

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
  const of =
    quantifier !== undefined && takesQuantifier(name) ? `(${ANY.test(quantifier) ? 'any' : 'all'})` : ''
  const operator = `${not.toLowerCase()}${name}${of}`
  return { written: beginning.slice(not.length, -1), operator, rest: value.slice(beginning.length) }
}
