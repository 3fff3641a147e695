// The preview of a type change on many records: how long it takes, and that the server's memory does not grow with them.
// UNIVERA_TEST_RECORDS=1000000 is what the issue asks for: within 20 seconds.
import { readFile, writeFile } from 'node:fs/promises'
import pg from 'pg'
import t from 'tap'
import { signIn, startServer } from '../../support/server-process.ts'
import { createTestDatabase } from '../../support/test-database.ts'

const RECORDS = Number(process.env.UNIVERA_TEST_RECORDS ?? 1_000_000)

const SECONDS = 20

const MEGABYTE = 1_048_576

/** What the server may take beside what a preview of one record takes. */
const MOST = 100 * MEGABYTE

const password = 'correct-horse'

const skip = process.platform === 'linux' ? false : 'memory is read from /proc'

/** The most memory that a process has had since it was asked last. */
async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  await writeFile(`/proc/${pid}/clear_refs`, '5')
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1024
}

/** Seconds of processor time that a process has taken. */
async function processorTime(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

t.test(`a preview of ${RECORDS} records`, { skip }, async (t) => {
  const database = await createTestDatabase(t)
  const env = {
    DATABASE_URL: database.url,
    SECRET_KEY: 'a secret for tests only, 32 bytes and more',
    ADMIN_PASSWORD: password,
  }
  const server = startServer(t, { cwd: t.testdir({}), env })
  const url = await server.listening
  const { access_token } = await signIn(url, password)
  const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' }
  const send = (method: string, path: string, body?: object, more = {}) =>
    fetch(`${url}${path}`, {
      method,
      headers: { ...headers, ...more },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const text = (name: string) => ({ name, type: 'string' })
  const fields = [text('size'), text('name'), text('note')]
  await send('POST', '/schemas/', { entity_name: 'box', fields })
  await send('POST', '/box/', { size: '1' })
  const owner = new pg.Client({ connectionString: database.url })
  await owner.connect()
  t.teardown(() => owner.end())
  const preview = async (more = {}) => {
    const changed = { fields: [{ name: 'size', type: 'integer', unique: true }, text('name'), text('note')] }
    const answer = await send('POST', '/schemas/box/preview', changed, { prefer: 'wait=600', ...more })
    return answer.text()
  }
  await preview()
  const pid = server.child.pid as number
  const before = await memoryOf(pid)
  await owner.query(
    `insert into record (tenant_id, entity_id, id, data, keys)
     select r.tenant_id, r.entity_id, gen_random_uuid(),
       jsonb_build_object('size', case when n % 1000 = 0 then 'n/a' else n::text end, 'name', 'name ' || n, 'note', repeat('x', 200)), '{}'
     from record r join entity e on e.id = r.entity_id and e.name = 'box', generate_series(2, $1::int) as n`,
    [RECORDS],
  )
  await owner.query('analyze record')
  const used = await processorTime(pid)
  const since = performance.now()
  const body = await preview({ accept: 'application/x-ndjson' })
  const seconds = (performance.now() - since) / 1000
  const spent = (await processorTime(pid)) - used
  const lines = body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const grown = (await memoryOf(pid)) - before
  t.comment(
    `${RECORDS} records in ${seconds.toFixed(1)} s, ${spent.toFixed(1)} s of them the server's own; memory grew by ${Math.round(grown / MEGABYTE)} MB`,
  )
  t.equal(lines.at(-1).records.total, RECORDS)
  t.equal(
    lines.at(-1).changes[0].failures.find(({ keyword }: { keyword: string }) => keyword === 'type').count,
    Math.floor(RECORDS / 1000),
  )
  t.ok(lines.length > RECORDS / 20_000, `${lines.length} lines`)
  t.ok(seconds <= SECONDS, `within ${SECONDS} s`)
  t.ok(grown < MOST, 'memory does not grow with the records')
})
