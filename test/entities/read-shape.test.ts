// Entities of one shape share the plans of what reads their records: whatever such a plan is made of has to be in the shape.
import t from 'tap'
import type { Entity } from '../../lib/entities/entity.ts'
import { IGNORED_BY_READS, readableForm, readShapeOf } from '../../lib/entities/read-shape.ts'
import { Problem } from '../../lib/errors/problem.ts'
import type { Field } from '../../lib/fields/field.ts'
import { fieldTypes } from '../../lib/fields/index.ts'
import { parseQuery } from '../../lib/query/parse/parse-query.ts'
import { planList } from '../../lib/query/plan/plan-list.ts'
import { listSql } from '../../lib/query/sql/list.ts'
import { contextOf, entity, field } from '../support/query/sample.ts'

const REQUIRED_OPTIONS = {
  values: ['a', 'b'],
  items: field('item', 'string'),
  fields: [field('member', 'string')],
  entity: 'other',
}

/** Values in many forms, of which each type takes some. */
const VALUES = [
  'a',
  '5',
  '5.25',
  'true',
  'null',
  '2024-02-29',
  '10:00',
  'a@b.co',
  'a*',
  '(a,b)',
  '{a}',
  '["a"]',
]

const UUID = '0190e1f2-7c3a-7d4e-8f5a-6b7c8d9e0f1a'

/** Bounds that none of these values keeps. */
const LEAST: Readonly<Record<string, unknown>> = {
  decimal: '1000',
  date: '2030-01-01',
  time: '23:00:00',
  datetime: '2030-01-01T00:00:00Z',
}

/** A field with every option that its shape leaves out, as narrow as can be. */
function narrow(type: string): Field {
  const bounds = { min: LEAST[type] ?? 1000, max: LEAST[type] ?? 1000, min_length: 99, max_length: 99 }
  const more = { pattern: '^z$', min_items: 99, max_items: 99, mime_types: ['z/z'], max_size: 1 }
  const told = { description: 'd', label: 'l', group: 'g', ui: { u: 1 } }
  const wanted = { required: true, default: 'z', on_delete: 'cascade', trim: true, from: [{ key: 'e' }] }
  const options = { ...bounds, ...more, ...told, ...wanted }
  return field('f', type, { ...REQUIRED_OPTIONS, ...options })
}

/** The statement that a query becomes, or why it is refused. */
function outcome(search: string, of: Entity): unknown {
  try {
    const { sources, ...statement } = listSql(planList(parseQuery(search), contextOf(of)))
    return { ...statement, sources: [...(sources?.keys() ?? [])] }
  } catch (error) {
    if (error instanceof Problem) return [error.kind.code, error.message, error.extras]
    throw error
  }
}

for (const type of fieldTypes)
  t.test(`a list by a field of type ${type.name} depends on nothing that its shape leaves out`, async (t) => {
    const one = narrow(type.name)
    t.strictSame(
      [...IGNORED_BY_READS].filter((option) => !(option in one)),
      [],
    )
    for (const slots of [[], ['f']]) {
      const own = entity('one', [one], { slots })
      const filters = type
        .operators(one)
        .flatMap((operator) => [...VALUES, UUID].map((value) => `f=${operator}.${value}`))
      const searches = [
        ...filters,
        '',
        'select=f',
        'select=f->a',
        'order=f',
        'select=f,count()',
        'select=f::text',
      ]
      for (const search of searches)
        t.strictSame(outcome(search, own), outcome(search, readableForm(own)), search)
    }
  })

t.test('a shape tells what is read, and nothing else', async (t) => {
  const base = field('f', 'string', { max_length: 5, pattern: 'a', description: 'x', required: true })
  const shapeWith = (one: Field, slots: Entity['slots'] = {}) => readShapeOf({ fields: [one], slots })
  const shape = shapeWith(base)
  t.match(shape, /^[0-9a-f]{32}$/)
  t.equal(shapeWith({ ...base, max_length: 6, description: 'y', required: false, default: 'z' }), shape)
  const others = [
    shapeWith({ ...base, name: 'g' }),
    shapeWith({ ...base, key: 'g' }),
    shapeWith({ ...base, type: 'text' }),
    shapeWith({ ...base, many: true }),
    shapeWith(base, { f: { slot: 1, ready: false } }),
    shapeWith(base, { f: { slot: 1, ready: true } }),
    readShapeOf({ fields: [base, field('g', 'string')], slots: {} }),
    readShapeOf({ fields: [field('g', 'string'), base], slots: {} }),
  ]
  t.equal(new Set([shape, ...others]).size, others.length + 1)
})

t.test('entities of one shape have one readable form but for whose they are', async (t) => {
  const one = entity('one', [field('f', 'string', { max_length: 5, description: 'secret' })])
  const other = entity('other', [field('f', 'string', { default: 'x' })], { id: 2 })
  t.equal(readShapeOf(one), readShapeOf(other))
  t.strictSame(readableForm(one).fields, readableForm(other).fields)
  t.notMatch(JSON.stringify(readableForm(one)), 'secret')
})
