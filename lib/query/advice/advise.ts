// Advice on a parameter outside the grammar: the refusal with a spelling of the probable intention. A spelling is advised
// only if it is accepted for this entity and caller, and does not stand for all records.
import { Problem } from '../../errors/problem.ts'
import { errors } from '../../errors.ts'
import type { UnreadParameter } from '../parse/unread.ts'
import { type AdviceContext, exampleFilter, firstAccepted, isAccepted, othersIn } from './advice-subject.ts'
import { nameOperator } from './field-hint.ts'
import { foreignOperator, suffixOperator } from './foreign-operators.ts'
import { orderSpelling } from './foreign-order.ts'
import { type ForeignParameter, foreignParameter } from './foreign-parameters.ts'
import { adviseOnField } from './on-field.ts'
import { bareValue } from './operator-call.ts'
import { ownOperator } from './own-operator.ts'

/** The refusal of an unread parameter, with advice; the same refusal where there is none. */
export function advise(unread: UnreadParameter, given: AdviceContext): Problem {
  try {
    return advised(unread, given)
  } catch (error) {
    // Its path leads nowhere.
    if (error instanceof Problem) return error
    throw error
  }
}

function advised(unread: UnreadParameter, given: AdviceContext): Problem {
  const { parameter, value, grouped } = unread
  if (!grouped && /(?:^|\.)order$/.test(parameter)) return onOrder(unread, given)
  const { name, inner } = splitName(parameter)
  if (inner.length === 0 && isField(name, given)) return adviseOnField(unread, given)
  // Parameters of other APIs, and operators behind the field, have no equivalent within a group.
  if (grouped) return name.includes('.') ? onLevel(unread) : noField(parameter, given)
  const suffixed = onSuffix(parameter, value, given)
  if (suffixed !== undefined) return suffixed
  return name.includes('.') ? onLevel(unread) : onParameter(unread, given)
}

/** A parameter of an embedded entity, of which no more is known than its name. */
function onLevel(unread: UnreadParameter): Problem {
  const { parameter, value, message, extras } = unread
  const own = ownOperator(value)
  if (own !== undefined)
    return errors.unknownOperator(own.written, `It is ${own.operator} here. ${extras.hint ?? ''}`)
  const [word = ''] = /^[a-zA-Z_]+/.exec(value.replace(/^not\./i, '')) ?? []
  const operator = foreignOperator(word)
  if (operator !== undefined && value.includes('.'))
    return errors.unknownOperator(nameOperator(word, operator), extras.hint ?? '')
  const foreign = foreignParameter(parameter.slice(parameter.lastIndexOf('.') + 1))
  return foreign === undefined ? unread : errors.malformedQuery(message, foreign.instead)
}

/** The order as this grammar has it; of an embedded entity with the request's own select. */
function onOrder(unread: UnreadParameter, given: AdviceContext): Problem {
  const { parameter, value, message } = unread
  const spelled = orderSpelling(value)?.replace('order', parameter)
  const select = othersIn(given.search).get('select')
  const sent =
    parameter === 'order' || select === undefined
      ? spelled
      : `select=${encodeURIComponent(select)}&${spelled}`
  if (spelled === undefined || !isAccepted(sent ?? '', given.accept)) return unread
  return errors.malformedQuery(message, `Write ${spelled} instead.`)
}

/** `filter[age]` as filter and age. */
function splitName(parameter: string): { name: string; inner: string[] } {
  const [name = ''] = parameter.split('[', 1)
  return { name, inner: [...parameter.matchAll(/\[([^\]]*)\]/g)].map(([, part = '']) => part) }
}

function isField(name: string, { subject }: AdviceContext): boolean {
  return subject.fields.includes(name.split('->', 1)[0] ?? '')
}

const LOGIC = /^\W*_?(?:or|and|not|nor|none|any|all)$/i

/** `age[gte]`, `filter[age][gte]`, `age__gte`, `age.gte`, `age>`. */
function onSuffix(parameter: string, value: string, given: AdviceContext): Problem | undefined {
  const { name, inner } = splitName(parameter)
  // One of several that need not all hold, or the opposite of one.
  if ([name, ...inner].some((part) => LOGIC.test(part)) && inner.length > 1) return undefined
  const [, field = '', word = '', rest = ''] =
    inner.length > 0 ? ['', inner.at(-2) ?? name, inner.at(-1)] : splitSuffix(parameter, given)
  const operator = word === '' ? undefined : suffixOperator(withEquals(word, parameter, value))
  if (operator === undefined || !isField(field, given)) return undefined
  const isWhole = (value === '' || rest === '') && !isRepeated(parameter, given.search)
  const spelled = isWhole
    ? firstAccepted(operator.suggest(field, bareValue(value || rest)), given)
    : undefined
  return spelled === undefined ? undefined : noField(parameter, given, `Write ${spelled} to compare.`)
}

/** `age_not_in` and `age>5` as field, operator and value. */
function splitSuffix(parameter: string, { subject }: AdviceContext): readonly string[] {
  const isSuffix = (text: string) => /^(?:__?|\.)\$?[a-z][a-z_.]*$/i.test(text)
  const [field] = subject.fields
    .filter((name) => parameter.startsWith(name) && isSuffix(parameter.slice(name.length)))
    .sort((one, other) => other.length - one.length)
  if (field !== undefined) return ['', field, parameter.slice(field.length).replaceAll('.', '')]
  return /^([\w$]+)\s*([<>!~=]+)\s*(.*)$/s.exec(parameter) ?? []
}

/** Whether the parameter is one of several, `age[in][0]=1&age[in][1]=2`, which are one filter together. */
function isRepeated(parameter: string, search: string): boolean {
  const names = [...new URLSearchParams(search).keys()]
  return names.filter((name) => name === parameter || name.startsWith(`${parameter}[`)).length > 1
}

/** The sign of `age>=5`, which the query string splits at `=`. */
function withEquals(word: string, parameter: string, value: string): string {
  return /^[<>!]$/.test(word) && parameter.endsWith(word) && value !== '' ? `${word}=` : word
}

/** A parameter of another API, or none at all. */
function onParameter({ parameter, value }: UnreadParameter, given: AdviceContext): Problem {
  const { name, inner: parts } = splitName(parameter)
  const inner = parts.filter((part) => !/^\d*$/.test(part))
  const foreign = foreignParameter(name, inner)
  if (foreign === undefined) return noField(parameter, given)
  const { subject, search } = given
  const asked = { value, inner, subject, others: othersIn(search) }
  // Of a filter that goes on, behind `&&` or in the next of several parameters, the first part alone would match more.
  const isPart = search.includes('&&') || (foreign.part === 'filter' && isRepeated(parameter, search))
  const tried = isPart ? [] : foreign.suggest(asked)
  const spelled = firstAccepted(tried, given)
  const instead = inWords(foreign, given)
  if (spelled !== undefined)
    return noField(parameter, given, `Write ${spelled} ${foreign.purpose}. ${instead}`)
  const example = `A filter is a field, an operator and a value, such as ${exampleFilter(given)}: see "Filters" in docs/queries.md.`
  return noField(parameter, given, foreign.part === 'filter' ? `${instead} ${example}` : instead)
}

/** What the request takes instead, or why it takes nothing of the kind. */
function inWords({ part, instead }: ForeignParameter, { subject }: AdviceContext): string {
  return subject.takesNo?.(part) ?? instead
}

function noField(name: string, { subject }: AdviceContext, use?: string): Problem {
  return errors.unknownField(name.slice(0, 80), [...subject.fields], use)
}
