// Parameters of other APIs, each with the equivalent here. A suggestion is a spelling to try: planning it shows whether the
// entity takes it. `instead` describes the equivalent in words.
import type { PlanContext } from '../plan/context.ts'
import { orderSpelling } from './foreign-order.ts'
import { literalPattern, spell, spellValue } from './spelling.ts'

export interface Asked {
  value: string
  /** The text in brackets behind the parameter's name: `age` of `filter[age]`. */
  inner: string
  context: PlanContext
  /** All parameters of the request by their plain names. */
  others: ReadonlyMap<string, string>
}

export interface ForeignParameter {
  /** The purpose of the spelling; continues "Write ..". */
  purpose: string
  instead: string
  suggest: (asked: Asked) => string[]
}

const SIZES = 'perpage pagesize size top take first pagelimit rows max maxresults results'

const whole = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined

function sizeOf({ context, others }: Asked): number {
  const sizes = ['limit', ...SIZES.split(' '), 'pagesize'].map((name) => whole(others.get(name)))
  return Math.max(
    1,
    Math.min(sizes.find((size) => size !== undefined) ?? context.defaultLimit, context.maxLimit),
  )
}

const textFields = ({ context: { entity, readable } }: Asked) =>
  entity.fields
    .filter((field) => readable(field, entity) && field.type !== 'relation')
    .map(({ name }) => name)

function page(asked: Asked): string[] {
  const size = sizeOf(asked)
  const offset = (Math.max(1, whole(asked.value) ?? 1) - 1) * size
  return [asked.others.has('limit') ? `offset=${offset}` : `limit=${size}&offset=${offset}`]
}

function sort({ value, inner, others }: Asked): string[] {
  const direction =
    others.get('direction') ?? others.get('sortdir') ?? others.get('sortorder') ?? others.get('dir')
  const text = inner === '' ? value : `${inner} ${value}`
  return [orderSpelling(text, direction) ?? '', 'order=created_at.desc']
}

const search = (asked: Asked) =>
  textFields(asked).map((name) => spell(name, `ilike.*${literalPattern(asked.value)}*`))

const select = ({ value }: Asked) => [`select=${spellValue(value.replaceAll(/\s/g, ''))}`, 'select=id']

/** The entities by their names in the value, else by each relation field. */
function embed({ value, inner, context: { entity, readable } }: Asked): string[] {
  const names = (inner !== '' && !/^\d+$/.test(inner) ? inner : value).split(',').map((name) => name.trim())
  const paths = names.map((name) =>
    name.split('.').reduceRight((below, part) => `${part}(*${below && `,${below}`})`, ''),
  )
  const fields = entity.fields.filter((field) => field.type === 'relation' && readable(field, entity))
  return [`select=*,${spellValue(paths.join(','))}`, ...fields.map(({ name }) => `select=*,${name}(*)`)]
}

const grouped = ({ value }: Asked) => [`select=${spellValue(value)},count()`]

/** `{"name": "Ada"}`, `name eq 'Ada'`, `name:Ada`, `name=Ada`. */
function filter({ value, inner }: Asked): string[] {
  if (inner !== '') return [spell(inner, `eq.${value}`)]
  const [, name = '', text = ''] =
    /^[{"\s]*([\w$]+)["\s]*(?:\beq\b|[:=]+)\s*["']?([^"'},]*)/.exec(value) ?? []
  return [...(name === '' ? [] : [spell(name, `eq.${text}`)]), 'id=not.is.null']
}

const each = (names: string, parameter: ForeignParameter) =>
  names.split(' ').map((name) => [name, parameter] as const)

const inHeader = (instead: string): ForeignParameter => ({ purpose: '', instead, suggest: () => [] })

const PARAMETERS = new Map<string, ForeignParameter>([
  ...each('page p pageno pagenumber pageindex currentpage', {
    purpose: 'for that page',
    instead: 'Pages are asked for by limit and offset.',
    suggest: page,
  }),
  ...each(SIZES, {
    purpose: 'for the size of a page',
    instead: 'The size of a page is limit.',
    suggest: ({ value }) => [`limit=${whole(value) ?? 100}`],
  }),
  ...each('skip start from pageoffset startindex startat', {
    purpose: 'to skip records',
    instead: 'Records are skipped by offset.',
    suggest: ({ value }) => [`offset=${whole(value) ?? 0}`],
  }),
  ...each('sort sortby sortorder sortdir direction dir orderby ordering sorting', {
    purpose: 'to order',
    instead: 'Records are ordered by order.',
    suggest: sort,
  }),
  ...each('search query q text term keyword keywords find contains fulltext', {
    purpose: 'to search in a text',
    instead: 'Texts are searched by the operator ilike.',
    suggest: search,
  }),
  ...each('fields attributes only projection properties includefields', {
    purpose: 'for these fields',
    instead: 'Fields are listed by select.',
    suggest: select,
  }),
  ...each('include includes expand populate embed with relations join joins preload', {
    purpose: 'to embed related records',
    instead: 'Related records are embedded by select, with brackets behind the name of a relation.',
    suggest: embed,
  }),
  ...each('distinct groupby group', {
    purpose: 'for each value once',
    instead: 'Records are grouped by select with an aggregate such as count().',
    suggest: grouped,
  }),
  ...each('filter filters where conditions criteria', {
    purpose: 'for such a filter',
    instead: 'A filter is the name of a field, and an operator and a value.',
    suggest: filter,
  }),
  ...each('count total inlinecount', inHeader('Records are counted by the header Prefer: count=exact.')),
  ...each(
    'format',
    inHeader('The form of the answer is chosen by the header Accept, such as Accept: text/csv.'),
  ),
])

/** A parameter's name without case, separators and the signs that APIs put before it. */
export const plainName = (name: string) => name.toLowerCase().replace(/[$_-]/g, '')

/** The equivalent of a parameter of another API; undefined for any other. */
export const foreignParameter = (name: string) => PARAMETERS.get(plainName(name))
