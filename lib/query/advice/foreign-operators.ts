// Operators of PostgREST and of other query languages that are not offered, each with the closest filters. A suggestion is a
// spelling to try: planning it shows whether the field takes it.
import { patternOf } from './regular-expression.ts'
import { literalPattern, spell, spellInner } from './spelling.ts'

/** The spellings closest to the operator on a field and a value, the best first. */
export type Suggest = (field: string, value: string) => string[]

export interface ForeignOperator {
  /** A short description, in brackets behind its name. */
  meaning?: string
  suggest: Suggest
}

const valuesOf = (text: string) => text.replace(/^[([{]|[)\]}]$/g, '').split(',')

const comparing =
  (operator: string): Suggest =>
  (field, value) => [spell(field, `${operator}.${value}`)]

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

const isNull =
  (whenTrue: string, whenFalse: string): Suggest =>
  (field, value) => [`${field}=is.${/^(?:false|0|no)$/i.test(value) ? whenFalse : whenTrue}`]

const expression =
  (operator: 'like' | 'ilike'): Suggest =>
  (field, value) => {
    const pattern = patternOf(value)
    return pattern === undefined ? [] : [spell(field, `${operator}.${pattern}`)]
  }

/** The words of a full-text search, as they follow one another. */
const words: Suggest = (field, value) => {
  const found = value.match(/[\p{L}\p{N}]+/gu) ?? []
  return [spell(field, `ilike.*${found.join('*')}*`)]
}

/** Both ends of `[1,5)` or `1,5`, of which one may be absent. */
const between: Suggest = (field, value) => {
  const [from = '', to = ''] = valuesOf(value)
  const upper = value.endsWith(')') ? 'lt' : 'lte'
  const sides = [
    ...(from === '' ? [] : [spell(field, `gte.${from}`)]),
    ...(to === '' ? [] : [spell(field, `${upper}.${to}`)]),
  ]
  return sides.length === 0 ? [] : [sides.join('&')]
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
  ...each('match regex regexp', { meaning: 'a regular expression', suggest: expression('like') }),
  ...each('imatch iregex', { meaning: 'a regular expression', suggest: expression('ilike') }),
  ...each('fts plfts phfts wfts', { meaning: 'full-text search', suggest: words }),
  ...each('sl', { meaning: 'of ranges', suggest: bound('lt', 0) }),
  ...each('sr', { meaning: 'of ranges', suggest: bound('gt', 1) }),
  ...each('nxr', { meaning: 'of ranges', suggest: bound('lte', 1) }),
  ...each('nxl', { meaning: 'of ranges', suggest: bound('gte', 0) }),
  ...each('adj', { meaning: 'of ranges', suggest: between }),
  ...each('between', { suggest: between }),
  ...each('equals exact', { suggest: comparing('eq') }),
  ...each('ne noteq', { suggest: comparing('neq') }),
  ...each('ge after since', { suggest: comparing('gte') }),
  ...each('le before until', { suggest: comparing('lte') }),
  ...each('nin notin', { suggest: listing('not.in') }),
  ...each('contains icontains containsi search', { suggest: matching('*', '*') }),
  ...each('startswith istartswith starts', { suggest: matching('', '*') }),
  ...each('endswith iendswith ends', { suggest: matching('*', '') }),
  ...each('isnull null', { suggest: isNull('null', 'not_null') }),
  ...each('notnull isnotnull exists', { suggest: isNull('not_null', 'null') }),
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

const plain = (word: string) => word.toLowerCase().replace(/[$_-]/g, '')

/** An operator that PostgREST or another language writes before the value. */
export const foreignOperator = (word: string) => OPERATORS.get(plain(word))

/** An operator that another language writes beside the field: `age[gte]`, `age__gte`, `age>`. */
export const suffixOperator = (word: string) => OFFERED.get(plain(word)) ?? OPERATORS.get(plain(word))
