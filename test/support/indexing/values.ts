// Values of every type that can be indexed, and questions about them.
import { randomUUID } from 'node:crypto'

const long = 'x'.repeat(300)

const uuids = [randomUUID(), randomUUID(), randomUUID()] as const

interface Sample {
  type: string
  options?: Record<string, unknown>
  stored: unknown[]
  asked: string[]
}

export const samples: Readonly<Record<string, Sample>> = {
  name: {
    type: 'string',
    stored: ['a', 'A', 'ä', 'b', 'É', 'e', '日本', '𝒳', '\u{10FFFF}', long, `${long}a`, `${long}A`],
    asked: ['a', 'é', 'zz', `${long}a`, 'x'.repeat(250)],
  },
  body: { type: 'text', stored: ['line\nbreak', '', 'ǅ', 'ς', 'σ', 'Σ'], asked: ['σ', ''] },
  age: { type: 'integer', stored: [9, 10, -5, 0, 100, -100], asked: ['9', '-6', '1000'] },
  ratio: { type: 'float', stored: [0.1, -0.5, 1e21, 3, 1e-7], asked: ['0.1', '-1', '2.5'] },
  score: { type: 'decimal', stored: ['9.5', '10', '-3.25', '0'], asked: ['9.50', '-4'] },
  active: { type: 'boolean', stored: [true, false], asked: ['true', 'false'] },
  born: { type: 'date', stored: ['2000-01-01', '1999-12-31'], asked: ['2000-01-01', '1999-06-01'] },
  at: { type: 'time', stored: ['10:00:00', '09:59:59.5'], asked: ['10:00', '09:59:59.5'] },
  seen: {
    type: 'datetime',
    stored: ['2026-01-01T00:00:00Z', '2026-01-01T01:00:00.5+01:00', '2025-12-31T23:59:59Z'],
    asked: ['2026-01-01T01:00:00+01:00', '2026-01-01'],
  },
  mail: { type: 'email', stored: ['a@b.de', 'B@b.de'], asked: ['a@b.de', 'b@b.de'] },
  site: { type: 'url', stored: ['http://a.de', 'https://b.de/x'], asked: ['http://a.de'] },
  code: { type: 'uuid', stored: uuids.slice(0, 2), asked: [uuids[0], uuids[2]] },
  kind: { type: 'enum', options: { values: ['s', 'm', 'l'] }, stored: ['s', 'm', 'l'], asked: ['s', 'm'] },
}

export const names = Object.keys(samples)

/** The fields of a definition; those in `indexed` ask for an index. */
export function fieldsOf(indexed: readonly string[]): object[] {
  const fields = Object.entries(samples).map(([name, { type, options }]) => ({ name, type, ...options }))
  return fields.map((field) => (indexed.includes(field.name) ? { ...field, indexed: true } : field))
}

/** The n-th record: every value some time, each field unset in some. */
export function recordOf(n: number): Record<string, unknown> {
  const values = Object.entries(samples).map(([name, { stored }], at) => {
    const value = (n + at) % 5 === 0 ? null : stored[(n * 7 + at * 3 + (n >> 2)) % stored.length]
    return [name, value]
  })
  return Object.fromEntries(values)
}

const comparisons = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'not.eq', 'not.gte', 'isdistinct']

const directions = ['asc', 'desc', 'asc.nullsfirst', 'desc.nullslast']

/** Query strings that ask for every operator and every order of a field. */
export function questionsAbout(name: string): string[] {
  const { asked = [], type = '' } = samples[name] ?? {}
  const compared = asked.flatMap((value) =>
    comparisons.map((operator) => `${name}=${operator}.${encodeURIComponent(value)}`),
  )
  const list = encodeURIComponent(`(${asked.map((value) => `"${value}"`).join(',')})`)
  const lists = [`${name}=in.${list}`, `${name}=not.in.${list}`]
  const nulls = [`${name}=is.null`, `${name}=not.is.null`, `not.or=(${name}.is.null,age.gt.5)`]
  const texts = ['string', 'text', 'email', 'url'].includes(type)
    ? [`${name}=like.a*`, `${name}=ilike.X*`, `${name}=ilike.*B*`]
    : []
  const orders = directions.flatMap((direction) => [
    `order=${name}.${direction}`,
    `order=${name}.${direction},age.desc&limit=7&offset=9`,
  ])
  return [...compared, ...lists, ...nulls, ...texts, ...orders, `order=name&limit=5&${compared[2]}`]
}
