// The second wall: what row-level security keeps closed by itself, when a statement has lost its tenant condition or a
// connection has no tenant at all.

import pg from 'pg'
import t, { type Test } from 'tap'
import { appRole } from '../../lib/postgres/app-role.ts'
import { recordStatements } from '../support/access/statements.ts'
import { type Furnished, furnish, work } from '../support/access/workload.ts'
import { startFiles } from '../support/files/app.ts'

async function connect(t: Test, url: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  return client
}

async function tablesOfTenants(client: pg.Client): Promise<{ name: string; column: string }[]> {
  const { rows } = await client.query(`select table_name as name from information_schema.columns
    where column_name = 'tenant_id' and table_schema = 'public' order by 1`)
  return [...rows.map(({ name }) => ({ name, column: 'tenant_id' })), { name: 'tenant', column: 'id' }]
}

async function idOf(client: pg.Client, name: string): Promise<string> {
  return (await client.query('select id from tenant where name = $1', [name])).rows[0].id
}

/** Runs work as the server's role inside a tenant, or inside none, and undoes it. */
async function asApp<T>(client: pg.Client, tenant: string | null, work: () => Promise<T>): Promise<T> {
  await client.query('begin')
  try {
    await client.query(`set local role ${appRole}`)
    if (tenant !== null) await client.query(`select set_config('app.tenant_id', $1, true)`, [tenant])
    return await work()
  } finally {
    await client.query('rollback')
  }
}

t.test("without a tenant the server's role sees and changes no row of any table", async (t) => {
  const { app, database } = await startFiles(t)
  await furnish(app, 'home')
  const client = await connect(t, database.url)
  const tables = await tablesOfTenants(client)
  t.ok(tables.length >= 8)
  const { rows: unprotected } = await client.query(`select relname from pg_class c
    where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace and relname <> 'migration'
      and not (relrowsecurity and relforcerowsecurity)`)
  t.strictSame(unprotected, [], 'row-level security is forced on every table')
  const { rows } = await client.query(
    `select rolsuper or rolbypassrls as unbound, (select count(*)::int from pg_class where relowner = r.oid) as owned
     from pg_roles r where rolname = $1`,
    [appRole],
  )
  t.strictSame(rows, [{ unbound: false, owned: 0 }])
  const nobody = '00000000-0000-4000-8000-000000000000'
  for (const { name, column } of tables)
    for (const tenant of [null, '', nobody]) {
      const count = await asApp(client, tenant, () => client.query(`select count(*)::int as n from ${name}`))
      t.equal(count.rows[0].n, 0, `select ${name}`)
      for (const change of [`update ${name} set ${column} = ${column}`, `delete from ${name}`]) {
        const done = await asApp(client, tenant, () => client.query(change).catch((error) => error))
        t.ok(done.rowCount === 0 || done.code === '42501', `${change} without a tenant`)
      }
    }
  const all = await Promise.all(
    tables.map(({ name }) => client.query(`select count(*)::int as n from ${name}`)),
  )
  t.ok(all.filter(({ rows }) => rows[0].n > 0).length >= 7, 'and there was something to see')
})

/** Far from every other number in a statement's values, so that one is known for an entity's id when it is seen. */
const FIRST_ENTITY = 5_000_001

async function entitiesOf(client: pg.Client, tenant: string): Promise<string[]> {
  const { rows } = await client.query('select id::text from entity where tenant_id = $1 order by id', [
    tenant,
  ])
  return rows.map(({ id }) => id)
}

/** What the home tenant's values are called in the other: same place, other id. */
function namesakes(home: Furnished, other: Furnished): [string, string][] {
  const idsOf = ({ photo, first, second, students, user, key, word }: Furnished): string[] =>
    [photo, first, second, ...students, user, key].map(({ id }) => id as string).concat(word)
  const there = idsOf(other)
  return idsOf(home).map((id, at) => [id, there[at] as string])
}

function rename(value: unknown, names: readonly [string, string][]): unknown {
  if (Array.isArray(value)) return value.map((item) => rename(item, names))
  if (typeof value === 'number') return Number(rename(String(value), names))
  if (typeof value !== 'string') return value
  return names.reduce((text, [from, to]) => text.replaceAll(from, to), value)
}

const CONDITION = /(?:\b\w+\.)?\btenant_id = \$(\d+)(?:::uuid)?/g

/** The statement with its tenant condition made true. */
const withoutWhere = (text: string) => text.replace(CONDITION, '$$$1::uuid is not null')

t.test(
  'a statement that has lost its tenant condition gives and changes nothing of another tenant',
  async (t) => {
    const { app, database } = await startFiles(t)
    const sent = recordStatements(t)
    const client = await connect(t, database.url)
    await client.query(`alter sequence entity_id_seq restart ${FIRST_ENTITY}`)
    const home = await furnish(app, 'home')
    const other = await furnish(app, 'other')
    const [homeId, otherId] = [await idOf(client, 'home'), await idOf(client, 'other')]
    const entities = await entitiesOf(client, otherId)
    const names = (await entitiesOf(client, homeId)).map((id, at): [string, string] => [
      id,
      entities[at] ?? '',
    ])
    names.push(...namesakes(home, other))
    await work(app, home)
    const tables = await tablesOfTenants(client)

    /** Everything there is of the other tenant, whoever asks. */
    async function stateOfOther(): Promise<string> {
      await client.query('reset role')
      const parts = await Promise.all(
        tables.map(({ name, column }) =>
          client.query(
            `select md5(string_agg(x::text, ',' order by x::text)) as sum from ${name} x where ${column} = $1`,
            [otherId],
          ),
        ),
      )
      return parts.map(({ rows }) => rows[0].sum).join()
    }

    const statements = new Map(sent.map((statement) => [statement.text, statement]))
    const before = await stateOfOther()
    const conditioned = [...statements.values()].filter(({ text }) => text.match(CONDITION))
    t.ok(conditioned.length > 110, `${conditioned.length} statements`)
    let open = 0
    for (const { text, values } of conditioned) {
      const run = () =>
        client.query(withoutWhere(text), rename(values, names) as unknown[]).catch((error) => error)
      await asApp(client, homeId, async () => {
        const answer = await run()
        t.notMatch(answer, { code: '42601' }, `is still a statement: ${text}`)
        t.notMatch(JSON.stringify(answer.rows ?? []), other.word, text)
        t.equal(await stateAfter(answer), before, `changes nothing: ${text}`)
      })
      await client.query('begin')
      const unprotected = await run()
      if (
        JSON.stringify(unprotected.rows ?? []).includes(other.word) ||
        (await stateAfter(unprotected)) !== before
      )
        open++
      await client.query('rollback')
    }
    t.ok(open > 45, `${open} of them would have, without the wall`)

    /** A failed transaction has changed nothing. */
    function stateAfter(answer: { rows?: unknown }): Promise<string> {
      return answer instanceof Error ? Promise.resolve(before) : stateOfOther()
    }
  },
)
