// The server's memory while much goes out and comes in: that of a batch, however much it is and however slowly it is taken.
// UNIVERA_TEST_RECORDS=1000000 sends a million records out and takes a tenth of them in.

import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { get, type IncomingMessage, request } from 'node:http'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import t, { type Test } from 'tap'
import { signIn, startServer } from '../support/server-process.ts'
import { createTestDatabase } from '../support/test-database.ts'

const OUT = Number(process.env.UNIVERA_TEST_RECORDS ?? 30_000)

const IN = OUT / 10

const MEGABYTE = 1_048_576

/** As much as UPLOAD_LIMIT lets in. */
const NOTE_IN = 'n'.repeat(Math.floor((48 * MEGABYTE) / IN) - 60)

/** A hundred megabytes at least. */
const NOTE_OUT = Math.max(100, Math.ceil((100 * MEGABYTE) / OUT))

/**
 * What the server may take beside what a fifth of it takes, 20 of it for garbage that is collected late; what goes
 * through it is more, most of all as objects.
 */
const MOST = 100 * MEGABYTE

const password = 'correct-horse'

const skip = process.platform === 'linux' ? false : 'memory is read from /proc'

/** The most memory that a process has had since it was asked last, and what it has now. */
async function memoryOf(pid: number): Promise<{ most: number; now: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const read = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) * 1024
  await writeFile(`/proc/${pid}/clear_refs`, '5')
  return { most: read('VmHWM'), now: read('VmRSS') }
}

async function start(t: Test) {
  const database = await createTestDatabase(t)
  const env = {
    DATABASE_URL: database.url,
    SECRET_KEY: 'a secret for tests only, 32 bytes and more',
    ADMIN_PASSWORD: password,
    STATEMENT_TIMEOUT: '60s',
  }
  const server = startServer(t, { cwd: t.testdir({}), env })
  const url = await server.listening
  const { access_token } = await signIn(url, password)
  const authorization = `Bearer ${access_token}`
  const fields = [
    { name: 'serial', type: 'integer' },
    { name: 'code', type: 'string', unique: true },
    { name: 'note', type: 'text' },
  ]
  for (const entity_name of ['outgoing', 'incoming']) {
    const headers = { authorization, 'content-type': 'application/json' }
    const body = JSON.stringify({ entity_name, fields })
    const defined = await fetch(`${url}/schemas/`, { method: 'POST', headers, body })
    if (defined.status !== 201) throw new Error(await defined.text())
  }
  return { database, url, authorization, pid: server.child.pid as number }
}

/** Records that a hundred thousand requests would have made. */
async function fill(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(
    `insert into record (tenant_id, entity_id, id, data, keys)
     select e.tenant_id, e.id, ('01980000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
       jsonb_build_object('serial', n, 'note', repeat('o', $1)), '{}'
     from entity e, generate_series(1, $2::int) n where e.name = 'outgoing'`,
    [NOTE_OUT, OUT],
  )
  await client.end()
}

t.setTimeout(1_200_000)

t.test(`${OUT} records out and ${IN} in`, { skip }, async (t) => {
  const { database, url, authorization, pid } = await start(t)
  await fill(database.url)

  async function open(accept: string, query = ''): Promise<IncomingMessage> {
    const asked = get(`${url}/outgoing/${query}`, { headers: { authorization, accept } })
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`)
    return response
  }

  async function take(accept: string, query?: string) {
    let [bytes, lines] = [0, 0]
    for await (const piece of await open(accept, query)) {
      bytes += piece.length
      for (const byte of piece) if (byte === 10) lines += 1
    }
    return { bytes, lines }
  }

  async function bring(
    type: string,
    rows: Iterable<string>,
    prefer = '',
    query = '',
  ): Promise<IncomingMessage> {
    const headers = { authorization, 'content-type': type, prefer }
    const sending = request(`${url}/incoming/${query}`, { method: 'POST', headers })
    const answered = once(sending, 'response')
    Readable.from(rows).pipe(sending)
    return (await answered)[0]
  }

  /** Runs the work; its growth must be flat. */
  async function flat(t: Test, what: string, work: () => Promise<number>) {
    const before = await memoryOf(pid)
    const began = performance.now()
    const bytes = await work()
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    const { most } = await memoryOf(pid)
    const growth = Math.round((most - before.now) / MEGABYTE)
    t.ok(
      most - base < MOST,
      `${what}: ${Math.round(bytes / MEGABYTE)} MB in ${seconds} s, ${growth} MB more memory, ${Math.round(most / MEGABYTE)} in all`,
    )
  }

  const csv = function* (from: number, count: number) {
    yield 'serial,code,note\n'
    for (let n = from; n < from + count; n++) yield `${n},c${n},${NOTE_IN}\n`
  }
  const ndjson = function* (from: number, count: number) {
    for (let n = from; n < from + count; n++) yield `{"serial":${n},"code":"c${n}","note":"${NOTE_IN}"}\n`
  }

  for (const accept of ['application/x-ndjson', 'text/csv']) await take(accept, `?limit=${OUT / 5}`)
  for await (const _ of await bring('text/csv', csv(0, IN / 5)));
  const base = (await memoryOf(pid)).most
  t.comment(`${Math.round(base / MEGABYTE)} MB after a fifth of it`)

  for (const accept of ['application/x-ndjson', 'text/csv'])
    await flat(t, `${accept} out`, async () => {
      const { bytes, lines } = await take(accept)
      t.equal(lines, OUT)
      return bytes
    })

  await flat(t, 'a reader who takes nothing for a while', async () => {
    const response = await open('application/x-ndjson')
    response.pause()
    await sleep(1500)
    let bytes = 0
    for await (const piece of response) bytes += piece.length
    return bytes
  })

  await flat(t, 'CSV in, answered with its records', async () => {
    const response = await bring('text/csv', csv(10_000_000, IN))
    t.equal(response.statusCode, 201)
    let bytes = 0
    for await (const piece of response) bytes += piece.length
    return bytes
  })

  await flat(t, 'NDJSON in, row by row', async () => {
    const response = await bring(
      'application/x-ndjson',
      ndjson(20_000_000, IN),
      'bulk=partial,return=minimal',
    )
    t.equal(response.statusCode, 207)
    let stored = 0
    for await (const piece of response) stored += piece.toString().split('201').length - 1
    t.ok(stored >= IN - 10, `${stored} stored`)
    return IN * NOTE_IN.length
  })

  await flat(t, 'CSV merged into what is there', async () => {
    const merge = 'return=minimal, resolution=merge-duplicates'
    const response = await bring('text/csv', csv(20_000_000, IN), merge, '?on_conflict=code')
    t.equal(response.statusCode, 200)
    response.resume()
    return IN * NOTE_IN.length
  })
})
