// Advice on a field whose value begins with no operator of the grammar.
import type { Problem } from '../../errors/problem.ts'
import { errors } from '../../errors.ts'
import type { UnreadParameter } from '../parse/unread.ts'
import { type AdviceContext, firstAccepted } from './advice-subject.ts'
import { negate } from './derived-operator.ts'
import type { ForeignOperator } from './foreign-operator.ts'
import { foreignOperator, suffixOperator } from './foreign-operators.ts'
import { ownOperator } from './own-operator.ts'
import { spell } from './spelling.ts'

/** The refusal, with the operator that is closest to the given one, or for a bare value with the comparison. */
export function adviseOnField(unread: UnreadParameter, given: AdviceContext): Problem {
  return onOwn(unread, given) ?? onForeign(unread, given) ?? onValue(unread, given)
}

/** An operator's name in a refusal, with a short description. */
export function nameOperator(word: string, { meaning }: ForeignOperator): string {
  return `${word.slice(0, 40)}${meaning === undefined ? '' : ` (${meaning})`}`
}

/** `EQ.5`, `NOT.IN.(1,2)`, `eq(some).{1,2}`. */
function onOwn({ parameter, value }: UnreadParameter, given: AdviceContext): Problem | undefined {
  const own = ownOperator(value)
  if (own === undefined) return undefined
  const { operator, rest, written } = own
  const spelled = firstAccepted([spell(parameter, `${operator}.${rest}`)], given)
  if (spelled === undefined) return undefined
  const shown = /^not\./i.test(value) && written === written.toLowerCase() ? value.slice(0, 3) : written
  return errors.unknownOperator(shown, hintOf(parameter, given, `Write ${spelled} instead.`))
}

/** An operator of another language, or a sign. */
function onForeign(unread: UnreadParameter, given: AdviceContext): Problem | undefined {
  const { parameter, value, message } = unread
  const [, not = '', word = '', text = ''] =
    /^(not\.)?([a-zA-Z_]+|[<>=!~]+\*?)(?:\([^)]*\))?[.:]?(.*)$/is.exec(value) ?? []
  const isSign = /^[<>=!~]/.test(word)
  const foreign = isSign ? suffixOperator(word) : operatorBefore(word, value, not)
  if (foreign === undefined) return undefined
  const tried = foreign.suggest(parameter, text)
  const spelled = firstAccepted(not === '' ? tried : tried.map(negate), given)
  const hint = hintOf(parameter, given, spelled && `Write ${spelled} instead.`)
  // An operator of the grammar that is written otherwise.
  if (!isSign && foreignOperator(word) === undefined) return errors.malformedQuery(message, hint)
  return errors.unknownOperator(nameOperator(word, foreign), hint)
}

/** The operator of another language, or of this one with a colon, that a value begins with. */
function operatorBefore(word: string, value: string, not: string) {
  const after = value.slice(not.length + word.length)
  if (!/^(?:\([^)]*\))?[.:]/.test(after)) return undefined
  return foreignOperator(word) ?? (after.startsWith(':') ? suffixOperator(word) : undefined)
}

/** A bare value. What stands before a point may be meant as an operator. */
function onValue({ parameter, value, message }: UnreadParameter, given: AdviceContext): Problem {
  const isNull = /^null$/i.test(value) ? [`${parameter}=is.null`] : []
  const [, not = '', text = ''] = /^(not\.)?(.*)$/s.exec(value) ?? []
  const compared = [`${not}eq.${text}`, `${not}cs.{${text}}`]
  const spellings = [...isNull, ...compared.map((one) => spell(parameter, one))]
  const spelled = firstAccepted(spellings, given)
  const [, word] = /^(?:not\.)?(?!not\.)([a-z_]{2,20}(?:\([a-z]*\))?)\./i.exec(value) ?? []
  if (spelled === undefined && word !== undefined)
    return errors.unknownOperator(word, hintOf(parameter, given))
  const operator = word === undefined ? '' : `No operator is called ${word}. `
  return errors.malformedQuery(
    message,
    hintOf(parameter, given, spelled && `${operator}Write ${spelled} to compare.`),
  )
}

function hintOf(parameter: string, { subject }: AdviceContext, use?: string): string {
  const operators = `Operators: ${subject.operatorsOf(parameter).join(', ')}`
  return use === undefined ? operators : `${use} ${operators}`
}
