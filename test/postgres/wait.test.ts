// (to be described)

import { createServer } from 'node:net'
import pg from 'pg'
import t from 'tap'
import { openDatabase } from '../../lib/postgres/open.ts'
import { waitForDatabase } from '../../lib/postgres/wait.ts'
import { silentLog } from '../../lib/process/log.ts'
import { createTestDatabase } from '../support/test-database.ts'
import { databaseOf } from '../support/test-server.ts'

t.test('a database that answers is waited for no longer', async (t) => {
  const { url } = await createTestDatabase(t)
  await waitForDatabase(url, silentLog, 0)
  t.pass('reached')
})

t.test('an unreachable database is tried again, told without its password, and given up', async (t) => {
  const told: string[] = []
  const log = { ...silentLog, warn: (message: unknown) => told.push(String(message)) }
  const url = 'postgresql://me:secret-word@127.0.0.1:1/records'
  await t.rejects(waitForDatabase(url, log, 4000), {
    name: 'StartError',
    message: /records on 127\.0\.0\.1:1 was not reachable within 4 s/,
  })
  t.ok(told.length >= 2, 'tried more than once')
  t.notMatch(told.join(), /secret-word/)
})

t.test('a wrong password is refused at once, for waiting does not mend it', async (t) => {
  const { url } = await createTestDatabase(t)
  const wrong = new URL(url)
  wrong.password = 'wrong'
  await t.rejects(waitForDatabase(wrong.href, silentLog), { message: /cannot be used: password/ })
})

t.test('a URL whose options cannot be followed is told in a line', async (t) => {
  const DATABASE_URL = 'postgresql://me@127.0.0.1:1/records?sslrootcert=/there/is/none.pem'
  await t.rejects(openDatabase({ DATABASE_URL, DATA_DIR: t.testdir({}) }, silentLog), {
    name: 'StartError',
    message: /cannot be used: .*none\.pem/,
  })
})

t.test('a user who may not connect is refused at once', async (t) => {
  const { url } = await createTestDatabase(t)
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  t.teardown(() => admin.end())
  const name = `stranger_${process.pid}`
  await admin.query(
    `revoke connect on database ${databaseOf(url)} from public; create role ${name} login password 'pw'`,
  )
  t.teardown(() => admin.query(`drop role ${name}`))
  const stranger = new URL(url)
  stranger.username = name
  stranger.password = 'pw'
  await t.rejects(waitForDatabase(stranger.href, silentLog), {
    message: /cannot be used: permission denied/,
  })
})

t.test('a server that is not PostgreSQL is told as unreachable', async (t) => {
  const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  await t.rejects(waitForDatabase(`postgresql://me:pw@127.0.0.1:${port}/x`, silentLog, 100), {
    name: 'StartError',
  })
})
