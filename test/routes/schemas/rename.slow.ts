// A rename under fifty writers and readers on two instances: none of them is refused, under either name, and no value is lost.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { asAdmin, startApp, startWithAdmin } from '../../support/app.ts'

const CLIENTS = 50

const MILLISECONDS = 6000

t.test('a field and its entity are renamed while clients use them', async (t) => {
  const { app, database } = await startWithAdmin(t)
  const instances = [await asAdmin(app), await asAdmin(await startApp(t, database))] as const
  const [send] = instances
  const name = { name: 'name', type: 'string', required: true, indexed: true }
  await send('POST', '/schemas/', { entity_name: 'person', fields: [name, { name: 'n', type: 'integer' }] })
  const refused: string[] = []
  const written: string[] = []
  const end = Date.now() + MILLISECONDS
  const client = async (at: number) => {
    const ask = instances[at % 2] as typeof send
    for (let n = 0; Date.now() < end; n += 1) {
      const value = `v${at}-${n}`
      const answers = [
        await ask('POST', '/person/', { name: value, n }),
        await ask('PATCH', `/person/?name=eq.${value}`, { n: n + 1 }),
        await ask('GET', `/person/?name=eq.${value}&select=name,n`),
      ]
      for (const { statusCode, body } of answers) if (statusCode >= 400) refused.push(`${statusCode} ${body}`)
      if (answers[2]?.body === JSON.stringify([{ name: value, n: n + 1 }])) written.push(value)
      else refused.push(`read ${answers[2]?.body}`)
    }
  }
  const clients = Array.from({ length: CLIENTS }, (_, at) => client(at))
  await sleep(MILLISECONDS / 3)
  const renamed = await instances[1]('POST', '/schemas/person/rename', { fields: { name: 'full_name' } })
  t.equal(renamed.statusCode, 200, renamed.body)
  await sleep(MILLISECONDS / 3)
  const moved = await send('POST', '/schemas/person/rename', { entity: 'human' })
  t.equal(moved.statusCode, 200, moved.body)
  await Promise.all(clients)
  t.strictSame([...new Set(refused)].slice(0, 3), [])
  t.ok(written.length > CLIENTS, `${written.length} rounds`)
  const stored = await send('GET', '/human/?select=full_name', undefined, { accept: 'application/x-ndjson' })
  const names = stored.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).full_name)
  t.strictSame(names.sort(), written.sort(), 'every value is there, under the new name')
})
