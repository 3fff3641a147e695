// Queries that make no sense for the entity are refused before they reach the database.
import t from 'tap'
import { openDatabase } from '../support/query/database.ts'
import { contextOf, plan } from '../support/query/sample.ts'
import { rows, slotted, thing } from '../support/query/things.ts'

t.test('what does not fit the entity is refused', async (t) => {
  const refusals: [string, RegExp][] = [
    ['nope=eq.1', /no field "nope"/],
    ['secret=eq.1', /no field "secret"/],
    ['select=secret', /no field "secret"/],
    ['order=secret', /no field "secret"/],
    ['or=(secret.is.null)', /no field "secret"/],
    ['constructor=eq.1', /no field "constructor"/],
    ['age=eq.abc', /not a value of age/],
    ['age=in.(1,x)', /not a value of age/],
    ['age=eq.9007199254740993', /not a value of age/],
    ['active=eq.maybe', /not a value of active/],
    ['id=eq.1', /UUID/],
    ['created_at=gt.yesterday', /date and time/],
    ['age=like.1', /operator like does not work on age/],
    ['tags=gt.x', /operator gt does not work on tags/],
    ['tags=eq.x', /tags: expected "\{"/],
    ['tags=cs.x', /"\{"/],
    ['dice=cs.{x}', /not a value of dice/],
    ['kinds=cs.{xl}', /not a value of kinds: .* one of s, m, l/],
    ['level=eq.x', /it takes one of a, b/],
    ['owner=eq.x', /it takes a UUID/],
    ['meta=cs.{x}', /not a value of meta/],
    ['meta->a=eq.x', /use ->>/],
    ['age->a=eq.1', /no inner values/],
    ['meta->>a=cs.{}', /operator cs does not work/],
    ['n=is.true', /is.true does not work/],
    ['order=tags', /no order/],
    ['order=meta', /no order/],
    ['cursor=x', /Link header/],
    ['cursor=x&offset=1', /exclude each other/],
    ['select=n,n:age', /two outputs/],
  ]
  for (const [search, message] of refusals)
    t.throws(() => plan(search, contextOf(thing)), { name: 'Problem', message } as never, search)
})

t.test('a cursor serves only the order and the entity it was made for', async (t) => {
  const database = await openDatabase(t)
  await database.store(thing, rows)
  const { nextCursor } = await database.page('limit=1&order=age', contextOf(thing))
  t.doesNotThrow(() => plan(`order=age&n=eq.x&cursor=${nextCursor}`, contextOf(thing)))
  for (const search of ['order=age.desc', 'order=n', '', 'order=age.nullsfirst'])
    t.throws(
      () => plan(`${search}&cursor=${nextCursor}`, contextOf(thing)),
      { message: /another order/ },
      search,
    )
  t.throws(() => plan(`order=age&cursor=${nextCursor}`, contextOf(slotted)), { message: /another order/ })
  const broken = Buffer.from(JSON.stringify(['x', '\u0000'])).toString('base64url')
  t.throws(() => plan(`cursor=${broken}`, contextOf(thing)), { message: /Link header/ })
})
