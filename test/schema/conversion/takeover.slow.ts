// kill -9 of the server that prepares a change, at any moment: another one goes on within 45 seconds, and nothing is lost.
import t from 'tap'
import { ADMIN } from '../../support/app.ts'
import { look, startSlots } from '../../support/indexing/entity.ts'
import {
  defineItems,
  entityNamed,
  storedRows,
  whenSettled,
  wronglyDerived,
} from '../../support/schema/conversion.ts'
import { RouteWriter } from '../../support/schema/every-route.ts'
import { signIn, startServer } from '../../support/server-process.ts'
import { until } from '../../support/until.ts'

const COUNT = 15_000

/** Seconds within which another server has to work on the change. */
const TAKEN_OVER = 45

const fieldsOf = (type: string) => ({
  fields: [
    { name: 'name', type: 'string', unique: true },
    { name: 'size', type, indexed: true },
  ],
})

t.test('a server that is killed while it prepares a change', { timeout: 600_000 }, async (t) => {
  const { app, database, send } = await startSlots(t)
  await defineItems(send, { count: COUNT, field: { indexed: true } })
  t.equal((await send('PUT', '/schemas/item', fieldsOf('string'), { prefer: 'wait=300' })).statusCode, 200)
  const cwd = t.testdir({})
  let version = 2
  for (const [at, share] of [0.01, 0.5, 0.99].entries()) {
    const type = at % 2 === 0 ? 'integer' : 'string'
    let ended = false
    const writer = new RouteWriter(send, `w${at}`)
    const writing = writer.run(() => ended)
    const killed = await beginAndKill(type, share)
    await until(async () => {
      const [job] = await look<{ fresh: boolean }>(app, 'select worked_at > $1 as fresh from conversion', [
        killed,
      ])
      return job === undefined || job.fresh
    }, 'another server works on the change')
    const took = (Date.now() - killed.getTime()) / 1000
    t.ok(took < TAKEN_OVER, `killed at ${share}: taken over after ${took.toFixed(1)} s`)
    const entity = await whenSettled(app, 'item')
    version += 1
    t.equal(entity.version, version)
    ended = true
    await writing
    t.same(writer.complaints, [])
    const rows = await storedRows(app, await entityNamed(app, 'item'))
    t.same(wronglyDerived(entity, rows).slice(0, 3), [], 'columns agree with data')
    const key = String(entity.fields[1]?.key)
    const found = new Map(rows.map(({ data }) => [data.name, data[key] ?? null]))
    t.same(
      [...writer.sizes].filter(([name, size]) => Number(found.get(name) ?? -1) !== (size ?? -1)).slice(0, 3),
      [],
    )
    const filled = rows.filter(({ data }) => String(data.name).startsWith('n') && data[key] === undefined)
    t.same(filled.slice(0, 3), [], 'every record is prepared')
    t.equal(rows.filter(({ data }) => String(data.name).startsWith('n')).length, COUNT)
  }

  /** Has another process begin the change, and kills it when so much is done; the moment of that. */
  async function beginAndKill(type: string, share: number): Promise<Date> {
    const env = { DATABASE_URL: database.url, SECRET_KEY: 'a secret for tests only, 32 bytes and more' }
    const other = startServer(t, { cwd, env })
    const url = await other.listening
    const { access_token } = await signIn(url, ADMIN.password)
    const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' }
    const body = JSON.stringify(fieldsOf(type))
    const put = fetch(`${url}/schemas/item`, { method: 'PUT', headers, body }).catch(() => undefined)
    await until(async () => {
      const [job] = await look<{ done: number }>(app, 'select done::float8 as done from conversion')
      return job !== undefined && job.done >= share * COUNT
    }, `${share} of the records are prepared`)
    other.child.kill('SIGKILL')
    const killed = new Date()
    await other.ended
    await put
    return killed
  }
})
