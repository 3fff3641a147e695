// Parameters of other APIs, each with the equivalent here. A suggestion is a spelling to try: planning it shows whether the
// entity takes it. `instead` describes the equivalent in words.
import type { AdviceSubject, Part } from './advice-subject.ts'
import { comparisonSpellings } from './foreign-comparison.ts'
import { orderSpelling } from './foreign-order.ts'
import { literalPattern, plainName, spell, spellValue } from './spelling.ts'

export interface Asked {
  value: string
  /** The texts in brackets behind the parameter's name: `age` of `filter[age]`; those that only number are left out. */
  inner: readonly string[]
  subject: AdviceSubject
  /** All parameters of the request by their plain names. */
  others: ReadonlyMap<string, string>
}

export interface ForeignParameter {
  part: Part
  /** The purpose of the spelling; continues "Write ..". */
  purpose: string
  instead: string
  suggest: (asked: Asked) => string[]
}

const SIZES = 'limit perpage pagesize size top take first pagelimit rows max maxresults results'

const whole = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined

function sizeOf({ subject, others }: Asked): number {
  const names = SIZES.split(' ')
  const sizes = [...names, ...names.map((name) => `pagination${name}`)].map((name) => whole(others.get(name)))
  return Math.max(
    1,
    Math.min(sizes.find((size) => size !== undefined) ?? subject.defaultLimit, subject.maxLimit),
  )
}

function page(asked: Asked): string[] {
  if (whole(asked.value) === undefined) return []
  const size = sizeOf(asked)
  const offset = (Math.max(1, whole(asked.value) ?? 1) - 1) * size
  return [asked.others.has('limit') ? `offset=${offset}` : `limit=${size}&offset=${offset}`]
}

/** None for another text than a number, which means something else. */
function numbered(name: string, value: string): string[] {
  const number = whole(value)
  return number === undefined ? [] : [`${name}=${number}`]
}

const DIRECTION = /^(?:asc|desc|1$|-1$)/i

function sort({ value, inner, others }: Asked): string[] {
  const [, direction] =
    [...others].find(
      ([name, text]) => /^(?:(?:sort|order)\d*)?(?:dir|direction|order)$/.test(name) && DIRECTION.test(text),
    ) ?? []
  const [name] = inner
  const text = name !== undefined && DIRECTION.test(value) ? `${name} ${value}` : value
  return [orderSpelling(text, direction) ?? '', 'order=created_at.desc']
}

const search = (asked: Asked) =>
  asked.subject.searched.map((name) => spell(name, `ilike.*${literalPattern(asked.value)}*`))

const select = ({ value }: Asked) => [`select=${spellValue(value.replaceAll(/\s/g, ''))}`, 'select=id']

/** The entities by their names in the value, else by each relation field. */
function embed({ value, inner, subject }: Asked): string[] {
  const names = (inner[0] ?? value).split(',').map((name) => name.trim())
  const paths = names.map((name) =>
    name.split('.').reduceRight((below, part) => `${part}(*${below && `,${below}`})`, ''),
  )
  return [
    `select=*,${spellValue(paths.join(','))}`,
    ...subject.relations.map((name) => `select=*,${name}(*)`),
  ]
}

const grouped = ({ value }: Asked) => [`select=${spellValue(value)},count()`]

function filter({ value, inner }: Asked): string[] {
  const [name] = inner
  if (name === undefined) return comparisonSpellings(value)
  return inner.length === 1 ? [spell(name, `eq.${value}`)] : []
}

const each = (names: string, parameter: ForeignParameter) =>
  names.split(' ').map((name) => [name, parameter] as const)

const inHeader = (instead: string): ForeignParameter => ({
  part: 'header',
  purpose: '',
  instead,
  suggest: () => [],
})

const PARAMETERS = new Map<string, ForeignParameter>([
  ...each('page p pageno pagenumber pageindex currentpage', {
    part: 'page',
    purpose: 'for that page',
    instead: 'Pages are asked for by limit and offset.',
    suggest: page,
  }),
  ...each(SIZES, {
    part: 'page',
    purpose: 'for the size of a page',
    instead: 'The size of a page is limit.',
    suggest: ({ value }) => numbered('limit', value),
  }),
  ...each('skip start from offset pageoffset startindex startat', {
    part: 'page',
    purpose: 'to skip records',
    instead: 'Records are skipped by offset.',
    suggest: ({ value }) => numbered('offset', value),
  }),
  ...each('sort order sortby sortorder sortdir direction dir orderby ordering sorting', {
    part: 'order',
    purpose: 'to order',
    instead: 'Records are ordered by order.',
    suggest: sort,
  }),
  ...each('search query q text term keyword keywords find contains fulltext', {
    part: 'filter',
    purpose: 'to search in a text',
    instead: 'Texts are searched by the operator ilike.',
    suggest: search,
  }),
  ...each('fields select attributes only projection properties includefields', {
    part: 'select',
    purpose: 'for these fields',
    instead: 'Fields are listed by select.',
    suggest: select,
  }),
  ...each('include includes expand populate embed with relations join joins preload', {
    part: 'select',
    purpose: 'to embed related records',
    instead: 'Related records are embedded by select, with brackets behind the name of a relation.',
    suggest: embed,
  }),
  ...each('distinct groupby group', {
    part: 'select',
    purpose: 'for each value once',
    instead: 'Records are grouped by select with an aggregate such as count().',
    suggest: grouped,
  }),
  ...each('filter filters where conditions criteria', {
    part: 'filter',
    purpose: 'for such a filter',
    instead: 'This syntax of a filter is not offered.',
    suggest: filter,
  }),
  ...each(
    'count total inlinecount withcount',
    inHeader('Records are counted by the header Prefer: count=exact.'),
  ),
  ...each(
    'format',
    inHeader('The form of the answer is chosen by the header Accept, such as Accept: text/csv.'),
  ),
])

/** The equivalent of a parameter of another API, `pagination[page]` among them; undefined for any other. */
export function foreignParameter(name: string, inner: readonly string[] = []): ForeignParameter | undefined {
  const plain = plainName(name)
  const whole = PARAMETERS.get(plainName([name, ...inner].join('')))
  const member =
    plain === 'pagination' || plain === 'paging' ? PARAMETERS.get(plainName(inner.join(''))) : undefined
  return whole ?? member ?? PARAMETERS.get(plain)
}
