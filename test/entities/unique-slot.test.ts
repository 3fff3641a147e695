// A unique slot that another constraint has had before holds that one's values until it is filled anew.
import t from 'tap'
import { ADMIN, as, signIn, startWithAdmin } from '../support/app.ts'

const name = { name: 'name', type: 'string' }

const code = { name: 'code', type: 'string' }

t.test('a slot is used again whatever values the constraint before it left there', async (t) => {
  const { app } = await startWithAdmin(t)
  const { access_token } = await signIn(app, ADMIN.username, ADMIN.password)
  const send = as(app, access_token)
  await send('POST', '/schemas/', { entity_name: 'part', fields: [{ ...name, unique: true }, code] })
  const made = await send('POST', '/part/', [
    { name: 'x', code: 'y' },
    { name: 'y', code: 'x' },
  ])
  t.equal(made.statusCode, 201, made.body)
  t.equal((await send('PUT', '/schemas/part', { fields: [name, code] })).statusCode, 200)
  const changed = await send('PUT', '/schemas/part', { fields: [name, { ...code, unique: true }] })
  t.equal(changed.statusCode, 200, changed.body)
  t.equal((await send('POST', '/part/', { name: 'x', code: 'z' })).statusCode, 201)
  t.equal((await send('POST', '/part/', { name: 'z', code: 'x' })).statusCode, 409)
})
