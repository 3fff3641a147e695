// Entities out of the cache are what was put in, at the epoch they were read at and at no other.
import t from 'tap'
import { readShapeOf } from '../../../lib/entities/read-shape.ts'
import { toEntity } from '../../../lib/schema/entity-store.ts'
import { EntityCache } from '../../../lib/schema/registry/entity-cache.ts'

const scope = { id: '00000000-0000-7000-8000-000000000001', epoch: 3 }

const definition = {
  label: 'One',
  description: 'two\nlines',
  fields: [{ name: 'f', key: 'f', type: 'string', unique: true }],
  constraints: [{ keys: ['f'], slot: 1 }],
  slots: { f: { slot: 2, ready: true } },
  retiredKeys: ['g'],
}

const row = ['7', 'one', '2', JSON.stringify(definition), '2026-01-01 00:00:00+00', '2026-01-02 00:00:00+00']

t.test('an entity comes out of the cache as it went in', async (t) => {
  const cache = new EntityCache()
  const expected = { ...toEntity(scope.id, row), shape: readShapeOf(definition) }
  t.strictSame(cache.add('key', scope, row), expected)
  for (const time of ['first', 'second', 'third']) {
    const found = cache.get('key', scope)
    t.strictSame({ ...found }, { ...expected, orderedByTime: undefined }, time)
    t.equal(found?.fields, found?.fields, 'is parsed once')
  }
})

t.test('what was read at another epoch is not there', async (t) => {
  const cache = new EntityCache()
  cache.add('key', scope, row)
  t.equal(cache.get('key', { ...scope, epoch: 4 }), undefined)
  t.equal(cache.get('other', scope), undefined)
  cache.get('key', scope)
  cache.get('key', scope)
  t.equal(cache.get('key', { ...scope, epoch: 4 }), undefined, 'nor from what is ready')
})
