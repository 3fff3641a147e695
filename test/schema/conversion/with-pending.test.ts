// What else is written with the fields of a record: nothing at all where no change is being prepared and none has left values.
import t from 'tap'
import type { Entity, PendingChange } from '../../../lib/entities/entity.ts'
import { writtenForm } from '../../../lib/entities/pending.ts'
import type { Field } from '../../../lib/fields/field.ts'
import { withPending, writtenKeys } from '../../../lib/schema/conversion/with-pending.ts'

const size: Field = { name: 'size', key: 'size', type: 'string' }

const next: Field = { name: 'size', key: 'size~2', type: 'integer', from: [{ key: 'size' }] }

function entity(fields: Field[], pending?: PendingChange): Entity {
  const none = { label: null, description: null, constraints: [], slots: {}, retiredKeys: [] }
  const own = { tenantId: 't', id: 1, name: 'item', version: 1, createdAt: '', updatedAt: '' }
  return { ...own, ...none, fields, pending }
}

const preparing = (more: Partial<PendingChange> = {}): PendingChange => {
  return { id: 'p_1', fields: [{ from: size, to: next }], constraints: [], slots: {}, ...more }
}

t.test('an entity that no change concerns is written as ever', async (t) => {
  const plain = entity([size])
  const patch = { size: '5' }
  t.equal(withPending(plain, patch).patch, patch, 'the same object')
  t.equal(writtenForm(plain), plain)
  t.strictSame(writtenKeys(plain, ['size']), ['size'])
})

t.test(
  'while a change is being prepared both forms are written, and what does not fit is noted',
  async (t) => {
    const changing = entity([size], preparing())
    t.strictSame(withPending(changing, { size: '5' }), {
      patch: { size: '5', 'size~2': 5 },
      misfits: { settled: ['size~2'], found: [] },
    })
    t.match(withPending(changing, { size: 'n/a' }), {
      patch: { size: 'n/a', 'size~2': null },
      misfits: { found: [{ key: 'size~2', reason: /integer/ }] },
    })
    t.strictSame(withPending(changing, { other: 1 }), { patch: { other: 1 } }, 'other fields are left alone')
    t.strictSame(writtenForm(changing).fields, [size, next])
  },
)

t.test('after it a write takes the former value away; on the way back that is written again', async (t) => {
  const changed = entity([next])
  t.strictSame(withPending(changed, { 'size~2': 7 }), { patch: { 'size~2': 7, size: null } })
  const back = entity([next], preparing({ fields: [{ from: next, to: size, revives: true }] }))
  t.strictSame(withPending(back, { 'size~2': 7 }).patch, { 'size~2': 7, size: '7' })
})

t.test(
  'a field of a constraint in preparation does not take the misfits of another off the list',
  async (t) => {
    const constraints = [{ keys: ['size~2', 'other'], slot: 1 }]
    const changing = entity(
      [size, { name: 'other', key: 'other', type: 'string' }],
      preparing({ constraints }),
    )
    t.strictSame(withPending(changing, { other: 'x' }), { patch: { other: 'x' } })
  },
)
