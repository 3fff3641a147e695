// An entity with fields of all kinds, with and without index slots, and five records: what answers and refusals are told of.

import { idOf } from './database.ts'
import { entity, field } from './sample.ts'

const fields = [
  field('n', 'string'),
  field('age', 'integer'),
  field('score', 'decimal'),
  field('active', 'boolean'),
  field('tags', 'array', { items: field('', 'string') }),
  field('dice', 'array', { items: field('', 'integer') }),
  field('kinds', 'enum', { values: ['s', 'm', 'l'], many: true }),
  field('level', 'enum', { values: ['a', 'b'] }),
  field('owner', 'relation', { entity: 'thing' }),
  field('meta', 'json'),
  field('address', 'object', { fields: [field('zip', 'string')] }),
  field('secret', 'string'),
]

export const thing = entity('thing', fields, { id: 1 })

/** The same with index slots. */
export const slotted = entity('slotted', fields, { id: 2, slots: ['n', 'age', 'score', 'active'] })

/** The record made at noon of the nth day. */
export const dayOf = (n: number) => idOf(n, `2026-01-0${n}T12:00:00.12${n}Z`)

export const rows = [
  {
    n: 'Zoe',
    age: 9,
    score: '9.5',
    active: true,
    tags: ['x', 'y z'],
    dice: [1, 2],
    kinds: ['s', 'm'],
    meta: { a: 1, b: ['p', { c: 'q' }] },
    address: { zip: '10115' },
  },
  {
    n: 'älter',
    age: 10,
    score: '10',
    active: false,
    tags: ['y z'],
    dice: [6],
    kinds: ['l'],
    meta: { a: 10, b: 'text' },
    address: { zip: '20095' },
  },
  { n: 'Alter', age: -3, score: '-0.5', tags: [], meta: { a: null } },
  { n: 'zoe', meta: [1, 2] },
  {},
].map((data, at) => ({
  id: dayOf(at + 1),
  created_by: at === 0 ? idOf(99) : null,
  data,
}))
