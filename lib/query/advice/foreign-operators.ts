// Operators of PostgREST and of other query languages that are not offered, each with the closest filters. A suggestion is a
// spelling to try: planning it shows whether the field takes it.
import { derivedOperator } from './derived-operator.ts'
import type { ForeignOperator, Suggest } from './foreign-operator.ts'
import { bareValue, isOperatorCall } from './operator-call.ts'
import { patternOf } from './regular-expression.ts'
import { literalPattern, spell, spellInner } from './spelling.ts'

const valuesOf = (text: string) =>
  text
    .replace(/^[([{]|[)\]}]$/g, '')
    .split(',')
    .map(bareValue)

/** Null is asked for by `is`: every text but one differs from the text "null". */
const comparing =
  (operator: string): Suggest =>
  (field, value) => {
    if (!/^null$/i.test(value)) return [spell(field, `${operator}.${value}`)]
    return [spell(field, operator === 'neq' ? 'not.is.null' : 'is.null')]
  }

const listing =
  (operator: string): Suggest =>
  (field, value) => [`${field}=${operator}.(${valuesOf(value).map(spellInner).join(',')})`]

/** A pattern around the value; a list contains the value itself. */
const matching =
  (before: string, after: string, operator = 'ilike'): Suggest =>
  (field, value) => [
    spell(field, `${operator}.${before}${literalPattern(unstarred(value))}${after}`),
    spell(field, `cs.{${value}}`),
    spell(field, `eq.${value}`),
  ]

const unstarred = (value: string) => value.replace(/^[%*]|[%*]$/g, '')

/** None for another text than a truth value: `empty.txt` is no operator. */
const is =
  (whenTrue: string, whenFalse: string): Suggest =>
  (field, value) => {
    if (/^(?:false|f|0|no)$/i.test(value)) return [`${field}=is.${whenFalse}`]
    return /^(?:true|t|1|yes)?$/i.test(value) ? [`${field}=is.${whenTrue}`] : []
  }

const isNot: Suggest = (field, value) => [
  `${field}=not.is.${value.toLowerCase()}`,
  spell(field, `neq.${value}`),
]

/** The value itself in any case; a number has none. */
const caseless: Suggest = (field, value) => [
  spell(field, `ilike.${literalPattern(value)}`),
  spell(field, `eq.${value}`),
]

const notCaseless: Suggest = (field, value) => [
  spell(field, `not.ilike.${literalPattern(value)}`),
  spell(field, `neq.${value}`),
]

/** Elements of a list; a field that is none is compared with each. */
const elements =
  (operator: 'cs' | 'cd' | 'ov'): Suggest =>
  (field, value) => {
    const values = valuesOf(value)
    const contained = spell(field, `${operator}.{${values.join(',')}}`)
    return operator === 'ov' ? [contained, `${field}=in.(${values.map(spellInner).join(',')})`] : [contained]
  }

const expression =
  (operator: 'like' | 'ilike'): Suggest =>
  (field, value) => {
    // A point within an expression may stand behind a word, as one before `*` does.
    const pattern = isOperatorCall(value.replace(/\.[*+]/g, '')) ? undefined : patternOf(value)
    return pattern === undefined ? [] : [spell(field, `${operator}.${pattern}`)]
  }

/** The words of a full-text search, as they follow one another; none where some are combined or excluded. */
const words: Suggest = (field, value) => {
  if (/[^\p{L}\p{N}\s]/u.test(value)) return []
  const found = value.match(/[\p{L}\p{N}]+/gu) ?? []
  return [spell(field, `ilike.*${found.join('*')}*`)]
}

/** Both ends of `[1,5)` or `1,5`, in their order: nothing is between 5 and 1, and everything is not. */
const between: Suggest = (field, value) => {
  const [from = '', to = '', ...others] = valuesOf(value)
  const isReversed = Number.isNaN(Number(from)) ? from > to : Number(from) > Number(to)
  if (from === '' || to === '' || others.length > 0 || isReversed) return []
  const upper = /^\[.*\)$/s.test(value) ? 'lt' : 'lte'
  return [`${spell(field, `gte.${from}`)}&${spell(field, `${upper}.${to}`)}`]
}

const bound =
  (operator: 'lt' | 'lte' | 'gt' | 'gte', end: 0 | 1): Suggest =>
  (field, value) => {
    const [from = '', to = from] = valuesOf(value)
    return [spell(field, `${operator}.${end === 0 ? from : to}`)]
  }

const each = (names: string, operator: ForeignOperator) =>
  names.split(' ').map((name) => [name, operator] as const)

/** By PostgREST's words, and by those of other languages. */
const OPERATORS = new Map<string, ForeignOperator>([
  ...each('match regex regexp rlike', { meaning: 'a regular expression', suggest: expression('like') }),
  ...each('imatch iregex', { meaning: 'a regular expression', suggest: expression('ilike') }),
  ...each('fts plfts phfts wfts', { meaning: 'full-text search', suggest: words }),
  ...each('sl', { meaning: 'of ranges', suggest: bound('lt', 0) }),
  ...each('sr', { meaning: 'of ranges', suggest: bound('gt', 1) }),
  ...each('nxr', { meaning: 'of ranges', suggest: bound('lte', 1) }),
  ...each('nxl', { meaning: 'of ranges', suggest: bound('gte', 0) }),
  ...each('adj', { meaning: 'of ranges', suggest: between }),
  ...each('between', { suggest: between }),
  ...each('equals equal exact', { suggest: comparing('eq') }),
  ...each('not ne noteq different distinct', { suggest: comparing('neq') }),
  ...each('ieq eqi iexact iequals equalsi', { meaning: 'without case', suggest: caseless }),
  ...each('nei nieq neqi ine ineq', { meaning: 'without case', suggest: notCaseless }),
  ...each('ge gteq since min atleast onorafter greaterthanequal greaterthanorequal', {
    suggest: comparing('gte'),
  }),
  ...each('le lteq until max atmost onorbefore lessthanequal lessthanorequal', { suggest: comparing('lte') }),
  ...each('after greater greaterthan', { suggest: comparing('gt') }),
  ...each('before less lessthan', { suggest: comparing('lt') }),
  ...each('isin oneof', { suggest: listing('in') }),
  ...each('contains contain icontains containsi search has includes', { suggest: matching('*', '*') }),
  ...each('startswith startwith istartswith starts beginswith', { suggest: matching('', '*') }),
  ...each('endswith endwith iendswith ends', { suggest: matching('*', '') }),
  ...each('hasall hasevery containsall allof', { suggest: elements('cs') }),
  ...each('containedby within', { suggest: elements('cd') }),
  ...each('overlaps overlap hasany hassome containsany anyof', { suggest: elements('ov') }),
  ...each('isnull null empty isempty blank isblank', { suggest: is('null', 'not_null') }),
  ...each('exists present', { suggest: is('not_null', 'null') }),
  ...each('isnot isnt', { suggest: isNot }),
  ...each('istrue checked', { suggest: is('true', 'false') }),
  ...each('isfalse unchecked', { suggest: is('false', 'true') }),
])

/** The grammar's own operators, and signs for them, as other languages write them beside the field. */
const OFFERED = new Map<string, ForeignOperator>([
  ...['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'is', 'cs', 'cd', 'ov'].map(
    (name) => [name, { suggest: comparing(name) }] as const,
  ),
  ...each('in', { suggest: listing('in') }),
  ...each('like', { suggest: matching('*', '*', 'like') }),
  ...each('ilike', { suggest: matching('*', '*') }),
  ...each('= ==', { suggest: comparing('eq') }),
  ...each('! != <>', { suggest: comparing('neq') }),
  ...each('>', { suggest: comparing('gt') }),
  ...each('>=', { suggest: comparing('gte') }),
  ...each('<', { suggest: comparing('lt') }),
  ...each('<=', { suggest: comparing('lte') }),
  ...each('~ ~* =~', { suggest: expression('ilike') }),
])

const LONGEST = 40

const plain = (word: string) => word.slice(0, LONGEST).toLowerCase().replace(/[$_-]/g, '')

/** An operator that PostgREST or another language writes before the value; `notlike` and `nlike` are the opposite of one. */
export function foreignOperator(word: string): ForeignOperator | undefined {
  const name = plain(word)
  return OPERATORS.get(name) ?? derivedOperator(name, (base) => OFFERED.get(base) ?? OPERATORS.get(base))
}

/** An operator that another language writes beside the field: `age[gte]`, `age__gte`, `age>`. */
export const suffixOperator = (word: string) => OFFERED.get(plain(word)) ?? foreignOperator(word)
