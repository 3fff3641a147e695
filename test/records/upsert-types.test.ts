// An upsert with values of the wrong types is refused like any other write, whatever the field.
import t from 'tap'
import { asAdmin, startWithAdmin } from '../support/app.ts'

const TYPES = [
  ...[
    'string',
    'text',
    'integer',
    'float',
    'decimal',
    'boolean',
    'date',
    'time',
    'datetime',
    'email',
    'url',
    'uuid',
  ],
  'file',
].map((type) => ({ name: type, type }))

const FIELDS = [
  { name: 'key', type: 'string', unique: true },
  ...TYPES,
  { name: 'enum', type: 'enum', values: ['a', 'b'] },
  { name: 'object', type: 'object', fields: [{ name: 'a', type: 'integer' }] },
  { name: 'array', type: 'array', items: { type: 'decimal' } },
  { name: 'relation', type: 'relation', entity: 'thing' },
  { name: 'relations', type: 'relation', entity: 'thing', many: true },
]

const WRONG = [5, true, 'x', [5], [[]], { toString: 1 }, [{}], [null]]

t.test('no value of another type gets further than validation', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)
  t.equal((await send('POST', '/schemas/', { entity_name: 'thing', fields: FIELDS })).statusCode, 201)
  const prefer = { prefer: 'resolution=merge-duplicates' }
  for (const { name } of FIELDS)
    for (const value of WRONG)
      for (const query of ['', '?on_conflict=key']) {
        const answer = await send('POST', `/thing/${query}`, [{ key: 'k', [name]: value }], prefer)
        t.ok(answer.statusCode < 500, `${name}: ${JSON.stringify(value)} ${answer.body.slice(0, 80)}`)
      }
  t.equal((await send('POST', '/thing/', [{ decimal: 5 }], prefer)).statusCode, 400)
})
