// A text that becomes a relation beside live traffic: the job looks up what writers cannot, and what is deleted meanwhile.
import t from 'tap'
import { define, look, startSlots } from '../../support/indexing/entity.ts'
import {
  defineItems,
  entityNamed,
  MANY,
  storedRows,
  whenState,
  wronglyDerived,
} from '../../support/schema/conversion.ts'
import { until } from '../../support/until.ts'

const NAMES = ['ann', 'bob', 'cid']

t.test(
  'records that texts name are looked up by the job, with those written and deleted meanwhile',
  async (t) => {
    const { app, send } = await startSlots(t)
    await define(
      send,
      'person',
      [{ name: 'login', type: 'string', unique: true }],
      NAMES.map((login) => ({ login })),
    )
    await defineItems(send, { size: (n) => NAMES[n % 3] })
    const fields = [
      { name: 'name', type: 'string' },
      { name: 'size', type: 'relation', entity: 'person', on_delete: 'set_null' },
    ]
    const body = { fields, convert: { size: { lookup: 'login' } } }
    const begun = await send('PUT', '/schemas/item', body, { prefer: 'wait=0' })
    t.equal(begun.statusCode, 202, begun.body)
    const renamed = await send('POST', '/schemas/person/rename', { entity: 'human' })
    t.match([renamed.statusCode, renamed.json().code], [409, 'change_in_progress'])
    t.equal((await send('POST', '/item/', { name: 'late', size: 'bob' })).statusCode, 201)
    t.equal((await send('POST', '/item/', { name: 'lost', size: 'eve' })).statusCode, 201)
    await whenState(app, 'blocked')
    t.match((await send('GET', '/schemas/item/misfits')).json(), [
      { field: 'size', value: 'eve', reason: /login/ },
    ])
    t.equal(
      (await send('DELETE', '/person/?login=eq.cid')).statusCode,
      204,
      'a relation to come holds nothing',
    )
    t.equal((await send('POST', '/person/', { login: 'eve' })).statusCode, 201)
    await until(async () => (await send('GET', '/schemas/item/misfits?limit=1')).json()[0]?.value === 'cid')
    t.equal((await send('PATCH', '/item/?size=eq.cid', { size: 'ann' })).statusCode, 204)
    await until(async () => (await entityNamed(app, 'item')).version === 2, 'the change is in force')
    const entity = await entityNamed(app, 'item')
    t.same(wronglyDerived(entity, await storedRows(app, entity)), [])
    t.equal((await look(app, 'select from link where field = $1', ['size~2'])).length, MANY + 2)
    const late = (await send('GET', '/item/?name=in.(late,lost)&select=name,size(login)&order=name')).json()
    t.match(late, [{ size: { login: 'bob' } }, { size: { login: 'eve' } }])
  },
)
