// Advice on a parameter outside the grammar: the refusal with a spelling of the probable intention. A spelling is advised
// only if it is accepted for this entity and caller.
import { Problem } from '../../errors/problem.ts'
import { errors } from '../../errors.ts'
import type { UnreadParameter } from '../parse/unread.ts'
import { columnName, findOperand, readableColumns } from '../plan/column.ts'
import { operatorsOf } from '../plan/comparison.ts'
import type { PlanContext } from '../plan/context.ts'
import { type ForeignOperator, foreignOperator, suffixOperator } from './foreign-operators.ts'
import { orderSpelling } from './foreign-order.ts'
import { type Asked, foreignParameter, plainName } from './foreign-parameters.ts'
import { spell } from './spelling.ts'

export interface AdviceContext {
  context: PlanContext
  /** The query string that holds the parameter. */
  search: string
  /** Throws a Problem when the request would be refused with this query string. */
  accept: (search: string) => void
}

/** The refusal of an unread parameter, with advice; the same refusal where there is none. */
export function advise(unread: UnreadParameter, given: AdviceContext): Problem {
  const { parameter, value } = unread
  if (/(?:^|\.)order$/.test(parameter)) return onOrder(unread, given)
  const { name, inner } = splitName(parameter)
  if (inner.length === 0 && isField(name, given)) return onField(unread, given)
  const suffixed = onSuffix(parameter, value, given)
  if (suffixed !== undefined) return suffixed
  if (name.includes('.')) return onLevel(unread)
  return onParameter({ name, inner: inner.join(''), value }, given)
}

/** A parameter of an embedded entity, of which no more is known than its name. */
function onLevel(unread: UnreadParameter): Problem {
  const { parameter, value, message, extras } = unread
  const [word = ''] = /^[a-zA-Z_]+/.exec(value.replace(/^not\./, '')) ?? []
  const operator = foreignOperator(word)
  if (operator !== undefined && value.includes('.'))
    return errors.unknownOperator(`${word}${meaningOf(operator)}`, extras.hint ?? '')
  const foreign = foreignParameter(parameter.slice(parameter.lastIndexOf('.') + 1))
  return foreign === undefined ? unread : errors.malformedQuery(message, foreign.instead)
}

const meaningOf = ({ meaning }: ForeignOperator) => (meaning === undefined ? '' : ` (${meaning})`)

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

/** As advise, for columns of which only the names are known. */
export function adviseOnNames(unread: UnreadParameter, names: readonly string[]): Problem {
  const { name } = splitName(unread.parameter.split('->', 1)[0] ?? '')
  if (names.includes(name) || name === 'order') return unread
  return errors.unknownField(name.slice(0, 80), [...names], foreignParameter(name)?.instead)
}

/** `filter[age]` as filter and age. */
function splitName(parameter: string): { name: string; inner: string[] } {
  const [name = ''] = parameter.split('[', 1)
  return { name, inner: [...parameter.matchAll(/\[([^\]]*)\]/g)].map(([, part = '']) => part) }
}

function isField(name: string, { context }: AdviceContext): boolean {
  return readableColumns(context).some((column) => columnName(column) === name.split('->', 1)[0])
}

/** A field whose value begins with no operator of the grammar. */
function onField(unread: UnreadParameter, given: AdviceContext): Problem {
  const { parameter, value } = unread
  const [, not = '', word = '', text = ''] =
    /^(not\.)?([a-zA-Z_]+|[<>=!~]+\*?)(?:\([^)]*\))?[.:]?(.*)$/s.exec(value) ?? []
  const isSign = /^[<>=!~]/.test(word)
  const foreign = isSign ? suffixOperator(word) : operatorBefore(word, value, not)
  if (foreign === undefined) return onValue(unread, given)
  const tried = foreign.suggest(parameter, text)
  const spelled = firstAccepted(not === '' ? tried : tried.map((one) => one.replace('=', '=not.')), given)
  const operators = `Operators: ${operatorsAt(parameter, given).join(', ')}`
  const hint = spelled === undefined ? operators : `Write ${spelled} instead. ${operators}`
  // An operator of the grammar that is written otherwise.
  if (!isSign && foreignOperator(word) === undefined) return errors.malformedQuery(unread.message, hint)
  return errors.unknownOperator(`${word}${meaningOf(foreign)}`, hint)
}

/** The operator of another language, or of this one with a colon, that a value begins with. */
function operatorBefore(word: string, value: string, not: string) {
  const after = value.slice(not.length + word.length)
  if (!/^(?:\([^)]*\))?[.:]/.test(after)) return undefined
  return foreignOperator(word) ?? (after.startsWith(':') ? suffixOperator(word) : undefined)
}

/** A bare value. */
function onValue(unread: UnreadParameter, given: AdviceContext): Problem {
  const { parameter, value } = unread
  const isNull = /^null$/i.test(value) ? [`${parameter}=is.null`] : []
  const spellings = [...isNull, spell(parameter, `eq.${value}`), spell(parameter, `cs.{${value}}`)]
  const spelled = firstAccepted(spellings, given)
  const operators = `Operators: ${operatorsAt(parameter, given).join(', ')}`
  const hint = spelled === undefined ? operators : `Write ${spelled} to compare. ${operators}`
  return errors.malformedQuery(unread.message, hint)
}

function operatorsAt(parameter: string, { context }: AdviceContext): readonly string[] {
  const [name = ''] = parameter.split('->', 1)
  const path = parameter === name ? [] : ['']
  return operatorsOf(findOperand({ name, path, text: parameter.includes('->>') }, context))
}

/** `age[gte]`, `filter[age][gte]`, `age__gte`, `age.gte`, `age>`. */
function onSuffix(parameter: string, value: string, given: AdviceContext): Problem | undefined {
  const { name, inner } = splitName(parameter)
  const [, field = '', word = '', rest = ''] =
    inner.length > 0
      ? ['', inner.at(-2) ?? name, inner.at(-1)]
      : (/^(.+?)(?:__|_(?=[a-z]+$)|\.)\$?([a-z]+)$/i.exec(parameter) ??
        /^([\w$]+)\s*([<>!~=]+)(.*)$/.exec(parameter) ??
        [])
  const operator = word === '' ? undefined : suffixOperator(withEquals(word, parameter, value))
  if (operator === undefined || !isField(field, given)) return undefined
  const spelled = firstAccepted(operator.suggest(field, value || rest), given)
  return spelled === undefined ? undefined : noField(parameter, given, `Write ${spelled} to compare.`)
}

/** The sign of `age>=5`, which the query string splits at `=`. */
function withEquals(word: string, parameter: string, value: string): string {
  return /^[<>!]$/.test(word) && parameter.endsWith(word) && value !== '' ? `${word}=` : word
}

interface Bracketed {
  name: string
  /** The text in its brackets. */
  inner: string
  value: string
}

/** A parameter of another API, or none at all. */
function onParameter({ name, inner, value }: Bracketed, given: AdviceContext): Problem {
  const shown = `${name}${inner && `[${inner}]`}`
  const foreign = foreignParameter(`${name}${inner}`) ?? foreignParameter(name)
  if (foreign === undefined) return noField(shown, given)
  const asked: Asked = { value, inner, context: given.context, others: othersIn(given.search) }
  const spelled = firstAccepted(foreign.suggest(asked), given)
  const { instead, purpose } = foreign
  return noField(shown, given, spelled === undefined ? instead : `Write ${spelled} ${purpose}. ${instead}`)
}

function noField(name: string, { context }: AdviceContext, use?: string): Problem {
  return errors.unknownField(name.slice(0, 80), readableColumns(context).map(columnName), use)
}

function firstAccepted(spellings: readonly string[], { accept }: AdviceContext): string | undefined {
  return spellings.find((spelling) => spelling !== '' && isAccepted(spelling, accept))
}

function isAccepted(spelling: string, accept: AdviceContext['accept']): boolean {
  try {
    accept(spelling)
    return true
  } catch (error) {
    if (error instanceof Problem) return false
    throw error
  }
}

function othersIn(search: string): Map<string, string> {
  return new Map(
    [...new URLSearchParams(search)].map(([name, value]) => [plainName(name).replace(/[[\]]/g, ''), value]),
  )
}
