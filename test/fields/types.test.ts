// Every field type as data: what each accepts, refuses, stores and parses.
import t from 'tap'
import type { Field } from '../../lib/fields/field.ts'
import { typeOf } from '../../lib/fields/index.ts'

function field(type: string, options: Record<string, unknown> = {}): Field {
  return { name: 'f', key: 'f', type, ...options }
}

interface Scenario {
  type: string
  options?: Record<string, unknown>
  /** Sent value and what is stored. */
  stores: [unknown, unknown][]
  /** Filter text and what it means; undefined: refused. */
  parses?: [string, unknown][]
  /** Values that only `verify` can refuse, with the keyword. */
  refuses?: [unknown, string][]
}

const id = '0190e1f2-7c3a-7d4e-8f5a-6b7c8d9e0f1a'

const scenarios: Scenario[] = [
  {
    type: 'string',
    stores: [['Ä', 'Ä']],
    parses: [
      ['', ''],
      ['a\0', undefined],
    ],
  },
  {
    type: 'integer',
    stores: [[-0, 0]],
    parses: [
      ['-5', -5],
      ['5.5', undefined],
      ['', undefined],
      ['9007199254740993', undefined],
      ['abc', undefined],
      ['1e3', undefined],
    ],
  },
  {
    type: 'float',
    stores: [[-0, 0]],
    parses: [
      ['1e3', 1000],
      ['0.5', 0.5],
      ['1e400', undefined],
      ['NaN', undefined],
      ['Infinity', undefined],
      ['0x10', undefined],
      [' 1', undefined],
    ],
  },
  {
    type: 'decimal',
    options: { precision: 4, scale: 2, min: '-5', max: 10.5 },
    stores: [
      ['1', '1.00'],
      ['-0', '0.00'],
      ['1.500', '1.50'],
    ],
    parses: [
      ['9.999', '9.999'],
      ['1.50', '1.5'],
      ['1e2', undefined],
      ['007', undefined],
      ['.5', undefined],
    ],
    refuses: [
      ['1.234', 'scale'],
      ['100', 'precision'],
      ['-5.01', 'minimum'],
      ['10.51', 'maximum'],
    ],
  },
  {
    type: 'decimal',
    stores: [
      ['19.90', '19.90'],
      ['-0.0', '0.0'],
      ['100', '100'],
    ],
  },
  {
    type: 'decimal',
    options: { precision: 3 },
    stores: [['0.001', '0.001']],
    refuses: [['10.01', 'precision']],
  },
  {
    type: 'boolean',
    stores: [[false, false]],
    parses: [
      ['true', true],
      ['f', false],
      ['YES', true],
      ['off', false],
      ['o', undefined],
      ['constructor', undefined],
    ],
  },
  {
    type: 'date',
    options: { min: '2020-01-01', max: '2020-12-31' },
    stores: [['2020-02-29', '2020-02-29']],
    parses: [
      ['2021-02-29', undefined],
      ['2020-13-01', undefined],
      ['2020-1-1', undefined],
    ],
    refuses: [
      ['2019-12-31', 'minimum'],
      ['2021-01-01', 'maximum'],
    ],
  },
  {
    type: 'time',
    options: { min: '08:00' },
    stores: [
      ['09:30', '09:30:00'],
      ['09:30:00.500', '09:30:00.5'],
    ],
    parses: [
      ['24:00:00', undefined],
      ['09:30:60', undefined],
      ['09:30:00Z', undefined],
    ],
    refuses: [['07:59:59.999', 'minimum']],
  },
  {
    type: 'datetime',
    options: { max: '2024-01-01T00:00:00Z' },
    stores: [
      ['2023-12-31T23:30:00-02:00', '2024-01-01T01:30:00Z'],
      ['2024-01-01T00:30:00.120+01:00', '2023-12-31T23:30:00.12Z'],
      ['0099-01-01T00:00:00+00:01', '0098-12-31T23:59:00Z'],
      ['2024-01-01t00:00:00z', '2024-01-01T00:00:00Z'],
    ],
    parses: [
      ['2024-01-01', '2024-01-01T00:00:00Z'],
      ['2024-01-01T10:00:00', '2024-01-01T10:00:00Z'],
      ['2024-01-01T10:00:00 02:00', '2024-01-01T08:00:00Z'],
      ['2024-01-01 10:00:00+02:00', '2024-01-01T08:00:00Z'],
      ['2024-01-01 10:00:00 02:00', '2024-01-01T08:00:00Z'],
      ['2024-01-01T10:00:60Z', undefined],
      ['2024-02-30T10:00:00Z', undefined],
      ['9999-12-31T23:59:59-00:01', undefined],
      ['0001-01-01T00:00:00+00:01', undefined],
      ['now', undefined],
    ],
    refuses: [['2024-01-01T00:00:00.1Z', 'maximum']],
  },
  {
    type: 'uuid',
    stores: [[id.toUpperCase(), id]],
    parses: [
      [id.toUpperCase(), id],
      ['x', undefined],
    ],
  },
  {
    type: 'enum',
    options: { values: ['a', 'b'] },
    stores: [['a', 'a']],
    parses: [
      ['a', 'a'],
      ['c', undefined],
    ],
  },
  {
    type: 'json',
    options: { max_size: 10 },
    stores: [[{ a: [1] }, { a: [1] }]],
    parses: [
      ['{"a":1}', { a: 1 }],
      ['{', undefined],
      ['"\\u0000"', undefined],
    ],
    refuses: [['ééééé', 'max_size']],
  },
  {
    type: 'object',
    options: {
      fields: [
        field('datetime', { name: 'at', key: 'at' }),
        field('string', { name: 'note', key: 'note', default: 'none' }),
        field('decimal', { name: 'price', key: 'price', scale: 1 }),
      ],
    },
    stores: [
      [{ at: '2024-01-01T00:00:00+00:00' }, { at: '2024-01-01T00:00:00Z', note: 'none' }],
      [
        { price: null, note: null },
        { note: null, price: null },
      ],
    ],
    refuses: [[{ price: '1.25' }, 'scale']],
  },
  {
    type: 'array',
    options: { items: field('decimal', { scale: 1 }) },
    stores: [[['1'], ['1.0']]],
    parses: [
      ['["1"]', ['1']],
      ['{}', undefined],
    ],
    refuses: [[['1', '1.25'], 'scale']],
  },
  {
    type: 'relation',
    options: { entity: 'course' },
    stores: [[id.toUpperCase(), id]],
    parses: [['1', undefined]],
  },
  { type: 'file', options: { many: true }, stores: [[[id.toUpperCase()], [id]]], parses: [[id, id]] },
]

for (const { type: name, options, stores, parses = [], refuses = [] } of scenarios) {
  t.test(
    `${name} ${JSON.stringify(options ?? {})} stores canonically, parses filters and refuses`,
    async (t) => {
      const type = typeOf(name)
      const one = field(name, options)
      for (const [sent, stored] of stores) {
        t.strictSame(type.normalize?.(sent, one) ?? sent, stored, `stores ${JSON.stringify(sent)}`)
      }
      for (const [text, value] of parses) t.strictSame(type.parse?.(text, one), value, `parses ${text}`)
      for (const [value, keyword] of refuses) {
        t.match(type.verify?.(value, one), [{ keyword }], `refuses ${JSON.stringify(value)}`)
      }
    },
  )
}
