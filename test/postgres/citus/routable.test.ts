// Every statement that the server sends can be sent by Citus to the one node that holds the tenant: each of its relations is
// limited to one tenant, given as a parameter. What looks across tenants is a short list of functions.
import pg from 'pg'
import t, { type Test } from 'tap'
import type { SentStatement } from '../../../lib/db/statement-channel.ts'
import { furnish, work } from '../../support/access/workload.ts'
import { unlimitedRelations } from '../../support/citus/routing.ts'
import { startFiles } from '../../support/files/app.ts'
import { onStatements } from '../../support/sent-statements.ts'
import { createTestDatabase } from '../../support/test-database.ts'

/** Functions that look across tenants, or find one by its name. */
const ACROSS_TENANTS = new Set([
  ...[
    'tenant_by_name',
    'tenant_for_sign_in',
    'tenant_open_to_anonymous',
    'enter_tenant_change',
    'list_tenants',
  ],
  ...['claim_slot_fill', 'claim_key_fill', 'claim_entity_purge', 'claim_field_purge'],
  ...['deleted_tenants', 'tenants_of_ended_aliases', 'sweep_audit'],
  ...['names_without_key', 'set_name_keys', 'same_names'],
  ...['claim_conversion', 'queue_lengths', 'is_anything_logged', 'sweep_changes'],
])

/** Functions of the ticks, which no tenant has. */
const OF_TICKS = new Set([
  ...['make_tick', 'ticks_from', 'ticks_of', 'read_changes', 'sweep_ticks', 'forget_foreign_ticks'],
])

/** Functions that an older version calls, which never runs on Citus: others of the same name are for one tenant. */
const OF_AN_OLDER_VERSION = new Set(['add_failures', 'read_failures'])

/** Functions that use no table. */
const OF_NO_TABLE = new Set(['app_tenant', 'fetch_batch', 'refuse_answer', 'refuse_stale', 'within_answer'])

async function connect(t: Test, url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  return client
}

t.test('every statement of the server names its tenant in every relation', async (t) => {
  const { app, database } = await startFiles(t)
  const sent: SentStatement[] = []
  onStatements(t, (statements) => sent.push(...statements))
  await work(app, await furnish(app, 'home'))
  const client = await connect(t, database.url)
  const { rows } = await client.query<{ name: string }>(`select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'migration'`)
  const relations = new Set(rows.map(({ name }) => name))
  await client.query("set plan_cache_mode to 'force_generic_plan'")
  const statements = new Map(sent.map((statement) => [statement.text ?? '', statement]))
  let planned = 0
  for (const [text, { values = [] }] of statements) {
    if (!/^\s*(select|with|insert|update|delete)\b/i.test(text)) continue
    planned++
    const unlimited = await unlimitedRelations(client, { text, values }, relations)
    t.strictSame(unlimited, [], text)
  }
  t.ok(planned > 150, `${planned} statements`)
})

t.test('every function of the database is for one tenant, or known to look across them', async (t) => {
  const { url } = await createTestDatabase(t)
  const client = await connect(t, url)
  const { rows } = await client.query<{ name: string; first: string | null }>(
    `select proname as name, proargnames[1] as first from pg_proc where pronamespace = 'public'::regnamespace order by 1`,
  )
  const rest = rows.filter(
    ({ name, first }) =>
      first !== 'p_tenant' &&
      !ACROSS_TENANTS.has(name) &&
      !OF_NO_TABLE.has(name) &&
      !OF_TICKS.has(name) &&
      !OF_AN_OLDER_VERSION.has(name),
  )
  t.strictSame(rest, [])
})
