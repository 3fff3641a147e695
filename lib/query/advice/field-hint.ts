// The hint of a refusal of a field's filter: the advice, or how such a filter is written, and the operators of the field.
import type { UnreadParameter } from '../parse/unread.ts'
import type { AdviceContext } from './advice-subject.ts'
import type { ForeignOperator } from './foreign-operator.ts'

/** An operator's name in a refusal, with a short description. */
export function nameOperator(word: string, { meaning }: ForeignOperator): string {
  return `${word.slice(0, 40)}${meaning === undefined ? '' : ` (${meaning})`}`
}

const NEGATION = /^\W*(?:not|ne\b|neq|is_?(?:not|distinct))|^(?:!|<>)/i

/** The advice, or how a filter of the kind is written, and the operators of the field. */
export function hintOf(unread: UnreadParameter, { subject }: AdviceContext, use = formOf(unread)): string {
  const operators = `Operators: ${subject.operatorsOf(unread.parameter).join(', ')}`
  return use === undefined ? operators : `${use} ${operators}`
}

function formOf({ grouped, value }: UnreadParameter): string | undefined {
  if (grouped)
    return 'Within or=(..) and and=(..) a filter is field.operator.value, its opposite field.not.operator.value.'
  return NEGATION.test(value)
    ? 'The opposite of a filter is field=not.operator.value, such as not.eq.value.'
    : undefined
}
