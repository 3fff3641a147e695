// Advice on a field whose value begins with no operator of the grammar.
import type { Problem } from '../../errors/problem.ts'
import { errors } from '../../errors.ts'
import type { UnreadParameter } from '../parse/unread.ts'
import { type AdviceContext, firstAccepted } from './advice-subject.ts'
import { negate } from './derived-operator.ts'
import { hintOf, nameOperator } from './field-hint.ts'
import { foreignOperator, suffixOperator } from './foreign-operators.ts'
import { bareValue } from './operator-call.ts'
import { ownOperator } from './own-operator.ts'
import { spell } from './spelling.ts'

/** The refusal, with the operator that is closest to the given one, or for a bare value with the comparison. */
export function adviseOnField(unread: UnreadParameter, given: AdviceContext): Problem {
  return onOwn(unread, given) ?? onForeign(unread, given) ?? onValue(unread, given)
}

/** `EQ.5`, `NOT.IN.(1,2)`, `eq(some).{1,2}`. */
function onOwn(unread: UnreadParameter, given: AdviceContext): Problem | undefined {
  const { parameter, value } = unread
  const own = unread.grouped ? undefined : ownOperator(value)
  if (own === undefined) return undefined
  const { operator, rest, written } = own
  const spelled = firstAccepted([spell(parameter, `${operator}.${rest}`)], given)
  if (spelled === undefined) return undefined
  const shown = /^not\./i.test(value) && written === written.toLowerCase() ? value.slice(0, 3) : written
  return errors.unknownOperator(shown, hintOf(unread, given, `Write ${spelled} instead.`))
}

const FOREIGN = /^(not\.)?([a-zA-Z_]+|[<>=!~]+\*?)(\([^)]*\))?[.:]?(.*)$/is

/** An operator of another language, or a sign. */
function onForeign(unread: UnreadParameter, given: AdviceContext): Problem | undefined {
  const { parameter, value, message } = unread
  const [, not = '', word = '', inBrackets, text = ''] = FOREIGN.exec(value) ?? []
  const isSign = /^[<>=!~]/.test(word)
  const foreign = isSign ? suffixOperator(word) : operatorBefore(word, value, not)
  if (foreign === undefined) return undefined
  // In the brackets of a full-text search is a language; of any other operator they are not understood.
  const isUnderstood = inBrackets === undefined ? !(word === '!' && isPhrase(text)) : /fts$/i.test(word)
  const tried = isUnderstood ? foreign.suggest(parameter, bareValue(text)) : []
  const spelled = spelledAlone(unread, not === '' ? tried : tried.map(negate), given)
  const hint = hintOf(unread, given, spelled && `Write ${spelled} instead.`)
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
function onValue(unread: UnreadParameter, given: AdviceContext): Problem {
  const { parameter, value, message } = unread
  const spelled = spelledAlone(unread, valueSpellings(parameter, value), given)
  const [, word] = /^(?:not\.)?(?!not\.)([$-]?[a-z_]{2,20}(?:\([a-z]*\))?)\./i.exec(value) ?? []
  if (spelled === undefined && word !== undefined) return errors.unknownOperator(word, hintOf(unread, given))
  return errors.malformedQuery(message, hintOf(unread, given, spelled && `Write ${spelled} to compare.`))
}

function valueSpellings(parameter: string, value: string): string[] {
  if (/^null$/i.test(value)) return [`${parameter}=is.null`, spell(parameter, `eq.${value}`)]
  const [, not = '', text = ''] = /^(not\.)?(.*)$/s.exec(value) ?? []
  if (not !== '' && isPhrase(text)) return []
  const compared = not === '' ? text : bareValue(text)
  return [`${not}eq.${compared}`, `${not}cs.{${compared}}`].map((one) => spell(parameter, one))
}

/** Whether there are several words: behind a bare negation the first may be an operator. */
const isPhrase = (text: string) => /\s/.test(text.trim())

/** The spelling to advise; none within a group, of which it would be the least part. */
function spelledAlone({ grouped }: UnreadParameter, spellings: readonly string[], given: AdviceContext) {
  return grouped ? undefined : firstAccepted(spellings, given)
}
