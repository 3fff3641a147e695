// Stored records under a changed definition.
import t from 'tap'
import type { Field } from '../../../lib/fields/field.ts'
import { createConverter } from '../../../lib/schema/change/record-converter.ts'

function field(type: string, options: Record<string, unknown> = {}): Field {
  return { name: 'shown', key: 'kept', type, ...options }
}

t.test('values that fit take the stored form of the new definition', async (t) => {
  const scenarios: [Field, unknown, unknown][] = [
    [field('decimal', { scale: 2 }), '1.5', '1.50'],
    [field('datetime'), '2024-01-01T01:00:00+01:00', '2024-01-01T00:00:00Z'],
    [field('float'), 5, 5],
    [field('string', { required: true, default: 'x' }), undefined, 'x'],
    [
      field('datetime', { required: true, default: '2024-01-01T01:00:00+01:00' }),
      undefined,
      '2024-01-01T00:00:00Z',
    ],
    [field('string', { default: 'x' }), undefined, undefined],
  ]
  for (const [one, stored, wanted] of scenarios) {
    const data = stored === undefined ? { other: 1 } : { other: 1, kept: stored }
    const { data: converted, violations } = createConverter({ fields: [one], backfill: new Set() })(data)
    t.strictSame(violations, [])
    t.strictSame(converted, wanted === undefined ? { other: 1 } : { other: 1, kept: wanted })
  }
})

t.test('values that do not fit are told by the field’s name', async (t) => {
  const scenarios: [Field, unknown, string][] = [
    [field('integer'), '5', 'type'],
    [field('integer', { required: true }), undefined, 'required'],
    [field('date', { min: '2024-01-01' }), '2023-01-01', 'minimum'],
    [field('string', { max_length: 1 }), 'ab', 'maxLength'],
  ]
  for (const [one, stored, keyword] of scenarios) {
    const { violations } = createConverter({ fields: [one], backfill: new Set() })(
      stored === undefined ? {} : { kept: stored },
    )
    t.match(violations, [{ pointer: '/shown', keyword }])
  }
})
