// The embedded PostgreSQL: made, found, started again whatever was left, or refused in words.

import { spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import t, { type Test } from 'tap'
import { findEmbedded, hasEmbedded, startEmbedded } from '../../../lib/postgres/embedded/embedded.ts'
import { silentLog } from '../../../lib/process/log.ts'
import { administer } from '../../support/test-server.ts'

async function directory(test: Test, name = 'data'): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'univera-'))
  test.teardown(() => rm(parent, { recursive: true, force: true }))
  return join(parent, name)
}

async function start(test: Test, dataDir: string) {
  const server = await startEmbedded({ dataDir, log: silentLog, settings: { fsync: 'off' } })
  test.teardown(() => server.stop())
  return server
}

async function ask(url: string, text: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query(text)
  await client.end()
  return String(Object.values(rows[0])[0])
}

t.test('it is a real PostgreSQL: UTF-8, durable, behind a password and a private socket', async (t) => {
  const dataDir = await directory(t, 'a b')
  const { url } = await startEmbedded({ dataDir, log: silentLog }).then((server) => {
    t.teardown(server.stop)
    return server
  })
  t.equal(await ask(url, 'show server_encoding'), 'UTF8')
  t.equal(await ask(url, `select lower('ÄÖ')`), 'äö')
  t.equal(await ask(url, 'show fsync'), 'on')
  t.equal(await ask(url, 'select inet_server_port() is null'), 'true', 'no TCP port is open')
  const stranger = new URL(url)
  stranger.password = 'guess'
  await t.rejects(ask(stranger.href, 'select 1'), { code: '28P01' })
  t.equal(statSync(join(dataDir, 'postgres', 'password')).mode & 0o077, 0)
  t.equal(statSync(join(dataDir, 'postgres', 'data')).mode & 0o077, 0)
})

t.test('a path that is too long for a socket is served over the loopback address', async (t) => {
  const { url } = await start(t, await directory(t, 'long'.repeat(25)))
  t.match(url, /@127\.0\.0\.1:\d+\//)
  t.equal(await ask(url, 'select host(inet_server_addr())'), '127.0.0.1')
})

t.test('others find it while it runs, and know when it does not', async (t) => {
  const dataDir = await directory(t)
  t.equal(await hasEmbedded(dataDir), false)
  t.equal(await findEmbedded(dataDir), undefined)
  const { url, stop } = await start(t, dataDir)
  t.equal(await findEmbedded(dataDir), url)
  await stop()
  t.equal(await findEmbedded(dataDir), undefined)
  t.equal(await hasEmbedded(dataDir), true)
})

t.test('a pid file whose number a stranger has by now does not keep it from starting', async (t) => {
  const dataDir = await directory(t)
  await (await start(t, dataDir)).stop()
  const stranger = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'])
  t.teardown(() => stranger.kill())
  const data = join(dataDir, 'postgres', 'data')
  const { uid, gid } = statSync(data)
  for (const name of ['postmaster.pid', '.s.PGSQL.5432.lock']) {
    writeFileSync(join(data, name), `${stranger.pid}\n${data}\n1\n5432\n.\n\n  1  1\nready   \n`, {
      mode: 0o600,
    })
    chownSync(join(data, name), uid, gid)
  }
  t.equal(await findEmbedded(dataDir), undefined)
  const { url } = await start(t, dataDir)
  t.equal(await ask(url, 'select 1'), '1')
})

t.test('a database of another major version is refused in words', async (t) => {
  const dataDir = await directory(t)
  await (await start(t, dataDir)).stop()
  writeFileSync(join(dataDir, 'postgres', 'data', 'PG_VERSION'), '12\n')
  await t.rejects(start(t, dataDir), { name: 'StartError', message: /PostgreSQL 12, this Univera runs \d+/ })
})

t.test('a directory that cannot be made, or is something else, is refused in words', async (t) => {
  const dataDir = await directory(t)
  writeFileSync(dataDir, 'a file')
  await t.rejects(start(t, dataDir), { name: 'StartError', message: /DATA_DIR .* cannot be created/ })
  const other = await directory(t)
  mkdirSync(join(other, 'postgres', 'something'), { recursive: true })
  await t.rejects(start(t, other), { name: 'StartError', message: /not a database of Univera/ })
})

t.test('what PostgreSQL says when it cannot start is told', async (t) => {
  const dataDir = await directory(t)
  await (await start(t, dataDir)).stop()
  const file = join(dataDir, 'postgres', 'data', 'postgresql.conf')
  writeFileSync(file, `${readFileSync(file, 'utf8')}\nno_such_setting = 1\n`)
  await t.rejects(start(t, dataDir), { name: 'StartError', message: /no_such_setting/ })
})

const KEPT = `select count(*) from pg_database where datname = 'kept'`

const asRoot = process.geteuid?.() === 0 ? false : 'a copy keeps its owner unless root makes it'

t.test(
  'a copy that root has made, of every owner and mode, starts as the original did',
  { skip: asRoot },
  async (t) => {
    const dataDir = await directory(t)
    const original = await start(t, dataDir)
    await administer(original.url, 'create database kept')
    await original.stop()
    const copy = await directory(t)
    // As `cp -r` copies.
    await cp(dataDir, copy, { recursive: true })
    const data = join(copy, 'postgres', 'data')
    chmodSync(data, 0o755)
    t.equal(statSync(join(data, 'PG_VERSION')).uid, 0)
    const { url, stop } = await start(t, copy)
    t.equal(await ask(url, KEPT), '1')
    t.equal(statSync(data).mode & 0o777, 0o700)
    await stop()
    t.equal(await ask((await start(t, copy)).url, KEPT), '1', 'and again')
  },
)
