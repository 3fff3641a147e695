// What a list reads when its filter and its order want an index each: little more than the cheaper of the two would by itself,
// however many match and wherever in the order they stand. Under row-level security, with plans that fit all values.
import t from 'tap'
import { parseQuery } from '../../../lib/query/parse/parse-query.ts'
import { planList, type RecordsList } from '../../../lib/query/plan/plan-list.ts'
import { boundedSteps } from '../../../lib/query/sql/filter-first.ts'
import { listSql } from '../../../lib/query/sql/list.ts'
import { idOf, openDatabase, type QueryDatabase } from '../../support/query/database.ts'
import { contextOf, entity, field, tenantId } from '../../support/query/sample.ts'

const RECORDS = 20_000

const LIMIT = 20

/** Parts of the records that match, and where in the order of names they stand. */
const cases = {
  random01: (_place: number, random: number) => random < 0.001,
  random2: (_place: number, random: number) => random < 0.02,
  random20: (_place: number, random: number) => random < 0.2,
  random50: (_place: number, random: number) => random < 0.5,
  random90: (_place: number, random: number) => random < 0.9,
  clustered2: (place: number) => place >= 0.5 && place < 0.52,
  clustered20: (place: number) => place >= 0.4 && place < 0.6,
  clustered50: (place: number) => place >= 0.25 && place < 0.75,
  last01: (place: number) => place >= 0.999,
  last2: (place: number) => place >= 0.98,
  last50: (place: number) => place >= 0.5,
}

const names = Object.keys(cases) as (keyof typeof cases)[]

const sample = entity(
  'sample',
  ['name', ...names].map((name) => field(name, 'string')),
  { slots: ['name', ...names] },
)

/** Numbers from 0 to 1, the same in each run. */
function* randoms(): Generator<number> {
  for (let state = 7; ; ) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    yield state / 2 ** 31
  }
}

function rows() {
  const random = randoms()
  const next = () => random.next().value as number
  return Array.from({ length: RECORDS }, (_, n) => {
    const place = next()
    const matched = names.map((name) => [name, cases[name](place, next()) ? 'x' : 'o'] as const)
    return { id: idOf(n + 1), data: { name: place.toFixed(9), ...Object.fromEntries(matched) } }
  })
}

interface Explained {
  buffers: number
  rows: number
}

/** Runs a statement with a plan for all values, as the server's connections do. */
async function explain(
  database: QueryDatabase,
  text: string,
  values: readonly unknown[],
): Promise<Explained> {
  const { client } = database
  const quoted = values.map((value) =>
    typeof value === 'number' ? String(value) : client.escapeLiteral(String(value)),
  )
  await client.query(`prepare looked_at as ${text}`)
  const run = `explain (analyze, buffers, format json) execute looked_at(${quoted.join(', ')})`
  try {
    const { rows } = await client.query(run)
    const { Plan: plan } = rows[0]['QUERY PLAN'][0]
    return { buffers: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'], rows: plan['Actual Rows'] }
  } finally {
    await client.query('deallocate looked_at')
  }
}

/** Buffers until the page is found, and the number of statements. */
async function bufferOfPage(database: QueryDatabase, search: string) {
  const plan = planList(parseQuery(search), contextOf(sample)) as RecordsList
  let buffers = 0
  const steps = boundedSteps(plan)
  for (const [at, make] of steps.entries()) {
    const { text, values } = make()
    buffers += (await explain(database, text, values)).buffers
    const found = await database.run({ text, values })
    if (found.at(-1)?.at(-1) !== null || found.length > LIMIT + 1) return { buffers, step: at + 1 }
  }
  const { text, values } = listSql(plan)
  buffers += (await explain(database, text, values)).buffers
  return { buffers, step: steps.length + 1 }
}

t.test('buffers of a page', async (t) => {
  const database = await openDatabase(t)
  for (let at = 0, all = rows(); at < all.length; at += 2000)
    await database.store(sample, all.slice(at, at + 2000))
  // Flushes the log: only then are rows known to be visible to all.
  await database.client.query('checkpoint')
  await database.client.query('vacuum analyze record')
  await database.client.query(
    `set app.tenant_id = '${tenantId}'; set plan_cache_mode to force_generic_plan; set enable_seqscan to off`,
  )
  await database.client.query(`set role ${database.role}`)
  const owner = `r.tenant_id = '${tenantId}' and r.entity_id = ${sample.id}`
  for (const [n, name] of names.entries()) {
    const match = `r.k${n + 2} = $1::text`
    const key = 'x\u0001x'
    const sorted = `select id, k1 from (select r.id, r.k1 from record r where ${owner} and ${match} offset 0) r order by k1, id limit 21`
    const walked = `select id from (select r.id, r.k${n + 2} from record r where ${owner} and r.k1 is not null order by r.k1, r.id limit 1000000) r where ${match} limit 21`
    const [all, walk] = [await explain(database, sorted, [key]), await explain(database, walked, [key])]
    const least = Math.min(all.buffers, walk.buffers)
    const { buffers, step } = await bufferOfPage(database, `${name}=eq.x&order=name&limit=${LIMIT}`)
    const figures = `${name}: ${buffers} in ${step} steps; all matches ${all.buffers}, walk ${walk.buffers}`
    t.ok(buffers <= 60 + 2.2 * least, figures)
    t.comment(figures)
  }
})
