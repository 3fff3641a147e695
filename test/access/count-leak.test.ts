// A count never depends on records that the caller may not read: another tenant's, another entity's, another user's.
import t from 'tap'
import { addUser, as, asAdmin, signIn, startWithAdmin } from '../support/app.ts'

const FREQUENT = 'a value that is frequent elsewhere'
const FIELDS = [{ name: 'v', type: 'string', indexed: true }]

t.test('whatever others store, the numbers stay', async (t) => {
  const { app, database } = await startWithAdmin(t)
  const operator = await asAdmin(app)
  for (const name of ['a', 'b'])
    await operator('POST', '/tenants', {
      name: `tenant-${name}`,
      admin: { username: 'boss', password: 'a password' },
    })
  const [a, b] = await Promise.all(
    ['a', 'b'].map(async (name) =>
      as(app, (await signIn(app, `tenant-${name}/boss`, 'a password')).access_token),
    ),
  )
  if (a === undefined || b === undefined) throw new Error()
  for (const send of [a, b, operator]) {
    await send('POST', '/schemas/', { entity_name: 'thing', fields: FIELDS })
    await send('POST', '/schemas/', { entity_name: 'secret', fields: FIELDS })
    await send(
      'POST',
      '/thing/',
      Array.from({ length: 50 }, (_, n) => ({ v: `own ${n}` })),
    )
  }
  const user = as(app, (await addUser(app, 'alice', 'user')).tokens.access_token)
  await operator('PUT', '/schemas/secret/permissions/user', { read: false })
  await operator('PUT', '/schemas/thing/permissions/user', { read: 'v=like.own*' })

  async function counts() {
    const { default: pg } = await import('pg')
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    await client.query('analyze record')
    await client.end()
    const told = []
    for (const send of [a, user])
      for (const count of ['planned', 'estimated', 'exact'])
        for (const query of [
          `v=eq.${FREQUENT}`,
          'v=gte.a',
          'v=like.*value*',
          `or=(v.eq.${FREQUENT},v.eq.own 1)`,
          '',
        ])
          for (const limit of [0, 10]) {
            const answer = await send?.('GET', `/thing/?${query}&limit=${limit}`, undefined, {
              prefer: `count=${count}`,
            })
            told.push(`${count} ${query} ${answer?.headers['content-range']}`)
          }
    return told
  }

  const before = await counts()
  const many = Array.from({ length: 5000 }, () => ({ v: FREQUENT }))
  await b('POST', '/thing/', many.slice(0, 3000))
  await a('POST', '/secret/', many.slice(0, 10))
  await operator('POST', '/secret/', many.slice(0, 3000))
  await operator('POST', '/thing/', many.slice(0, 1000))
  t.strictSame(await counts(), before)
})
