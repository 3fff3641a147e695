// Univera on Citus, with a coordinator and two workers: shards are moved and a worker is killed under traffic, a distribution is
// killed and repeated.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { ensureFirstAdmin } from '../../../lib/auth/account-recovery-store.ts'
import { distribute, migrate } from '../../../lib/postgres/migrate.ts'
import { silentLog } from '../../../lib/process/log.ts'
import { ADMIN, as, asAdmin, signIn, startApp, startWithAdmin } from '../../support/app.ts'
import { atNode, citusVariable, joinNodes, query, workers } from '../../support/citus/cluster.ts'
import { killNode } from '../../support/citus/worker.ts'
import { createDatabaseOfNodes } from '../../support/test-database.ts'
import { until } from '../../support/until.ts'

const skip =
  process.env[citusVariable] === undefined && `${citusVariable} is not set: nothing is tested on Citus`

const PASSWORD = 'a long password'

const ENTITY = { entity_name: 'note', fields: [{ name: 'text', type: 'string', unique: true }] }

type Send = ReturnType<typeof as>

/** A tenant with an entity, and how its admin sends requests. */
async function addTenant(app: FastifyInstance, name: string): Promise<Send> {
  const made = await (await asAdmin(app))('POST', '/tenants/', {
    name,
    admin: { username: 'boss', password: PASSWORD },
  })
  if (made.statusCode !== 201) throw new Error(made.body)
  const send = as(app, (await signIn(app, `${name}/boss`, PASSWORD)).access_token)
  const defined = await send('POST', '/schemas/', ENTITY)
  if (defined.statusCode !== 201) throw new Error(defined.body)
  return send
}

interface Place {
  shard: string
  node: string
}

/** Where a tenant is, by Citus's own function. */
async function placeOf(url: string, name: string): Promise<Place> {
  const [place] = await query<Place>(
    url,
    `select s.shardid::text as shard, n.nodename || ':' || n.nodeport as node from directory d,
       lateral (select get_shard_id_for_distribution_column('tenant', d.tenant_id) as shardid) s
       join pg_dist_placement p on p.shardid = s.shardid join pg_dist_node n on n.groupid = p.groupid
     where d.name = $1`,
    [name],
  )
  return place as Place
}

/** Tenants on two nodes. */
async function addApart(app: FastifyInstance, url: string) {
  const tenants: { name: string; send: Send; place: Place }[] = []
  for (let n = 0; new Set(tenants.map(({ place }) => place.node)).size < 2; n++) {
    const send = await addTenant(app, `tenant-${n}`)
    tenants.push({ name: `tenant-${n}`, send, place: await placeOf(url, `tenant-${n}`) })
  }
  const [first] = tenants
  const other = tenants.find(({ place }) => place.node !== first?.place.node)
  return [first, other] as [(typeof tenants)[0], (typeof tenants)[0]]
}

async function move(url: string, { shard, node }: Place, to: string): Promise<void> {
  const [from, there] = [node.split(':'), to.split(':')]
  await query(url, 'select citus_move_shard_placement($1, $2, $3, $4, $5, $6)', [
    ...[shard, from[0], Number(from[1]), there[0], Number(there[1])],
    'block_writes',
  ])
}

/** Writes records, reads each back and changes the schema until it is stopped; what went wrong. */
function traffic(send: Send, name: string) {
  const wrong: string[] = []
  const texts: string[] = []
  let isOver = false
  const write = async (writer: number) => {
    for (let n = 0; !isOver; n++) {
      const text = `${name} ${writer} ${n}`
      const made = await send('POST', '/note/', { text })
      if (made.statusCode !== 201) wrong.push(`create ${made.statusCode} ${made.body}`)
      else {
        texts.push(text)
        const read = await send('GET', `/note/${made.json().id}`)
        if (read.statusCode !== 200 || read.json().text !== text)
          wrong.push(`read ${read.statusCode} ${read.body}`)
      }
    }
  }
  const change = async () => {
    for (let n = 0; !isOver; n++) {
      const changed = await send('PUT', '/schemas/note', { label: `label ${n}`, fields: ENTITY.fields })
      if (changed.statusCode !== 200) wrong.push(`change ${changed.statusCode} ${changed.body}`)
      await sleep(20)
    }
  }
  const running = Promise.all([write(1), write(2), change()])
  return {
    texts,
    async end() {
      isOver = true
      await running
      return wrong
    },
  }
}

async function allTexts(send: Send): Promise<string[]> {
  const answer = await send('GET', '/note/', undefined, { accept: 'application/x-ndjson' })
  const lines = answer.body.split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line).text)
}

t.test('shards are moved there and back under traffic and changes of schemas', { skip }, async (t) => {
  const { app, database } = await startWithAdmin(t)
  const [one, two] = await addApart(app, database.url)
  const running = [one, two].map(({ name, send }) => ({ send, ...traffic(send, name) }))
  for (let round = 0; round < 2; round++) {
    for (const [moved, other] of [
      [one, two],
      [two, one],
    ] as const) {
      const place = await placeOf(database.url, moved.name)
      const [node = ''] = (await workers()).filter((address) => address !== place.node)
      const before = running[0]?.texts.length ?? 0
      await move(database.url, place, node)
      t.equal(
        (await placeOf(database.url, moved.name)).node,
        node,
        `${moved.name} has moved, beside ${other.name}`,
      )
      await until(() => (running[0]?.texts.length ?? 0) > before + 5)
    }
  }
  for (const { send, texts, end } of running) {
    t.strictSame(await end(), [], 'every request was answered as on one node')
    t.strictSame((await allTexts(send)).sort(), texts.sort(), 'nothing is lost, nothing foreign')
  }
})

t.test('while a worker is dead, tenants of the other work as ever', { skip }, async (t) => {
  const { app, database } = await startWithAdmin(t)
  const [one, two] = await addApart(app, database.url)
  const home = (await placeOf(database.url, 'default')).node
  const [alive, dead] = one.place.node === home ? [one, two] : [two, one]
  const revive = await killNode(atNode(database.url, dead.place.node))
  try {
    const refused = await dead.send('GET', '/note/')
    t.equal(refused.statusCode, 503, refused.body)
    t.equal((await alive.send('POST', '/note/', { text: 'alive' })).statusCode, 201)
    const changed = await alive.send('PUT', '/schemas/note', { label: 'changed', fields: ENTITY.fields })
    t.equal(changed.statusCode, 200, changed.body)
    const failed = { username: `${alive.name}/boss`, password: 'a wrong password' }
    t.equal((await app.inject({ method: 'POST', url: '/auth/token', payload: failed })).statusCode, 401)
    t.ok((await signIn(app, `${alive.name}/boss`, PASSWORD)).access_token)
  } finally {
    await revive()
  }
  await until(async () => (await dead.send('GET', '/note/')).statusCode === 200, 'the tenant is back')
})

async function killedDistribution(url: string, after: number): Promise<void> {
  const script = `const { distribute } = await import(process.argv[1]); await distribute(process.argv[2], console)`
  const module = new URL('../../../lib/postgres/migrate.js', import.meta.url).href
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, module, url], {
    stdio: 'ignore',
  })
  await sleep(after)
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

t.test('a filled database is distributed, also after the distribution was killed', { skip }, async (t) => {
  const url = await createDatabaseOfNodes(t)
  await joinNodes(url)
  const before = await startApp(t, { url, ...(await migrate(url, silentLog)) })
  await ensureFirstAdmin(before, ADMIN)
  const send = await addTenant(before, 'acme')
  for (let n = 0; n < 20; n++) await send('POST', '/note/', { text: `note ${n}` })
  const texts = await allTexts(send)
  await before.close()
  for (const after of [400, 1200, 2500]) await killedDistribution(url, after)
  await distribute(url, silentLog)
  t.equal(await distribute(url, silentLog), 0, 'once more does nothing')
  const app = await startApp(t, { url, ...(await migrate(url, silentLog)) })
  const again = as(app, (await signIn(app, 'acme/boss', PASSWORD)).access_token)
  t.strictSame((await allTexts(again)).sort(), texts.sort())
  t.equal((await again('POST', '/note/', { text: 'note 1' })).statusCode, 409, 'unique values are unique')
  t.equal((await again('POST', '/schemas/', { ...ENTITY, entity_name: 'other' })).statusCode, 201)
})

t.test('a worker is no address for a server', { skip }, async (t: Test) => {
  const { database } = await startWithAdmin(t)
  const [worker = ''] = await workers()
  await t.rejects(migrate(atNode(database.url, worker), silentLog), {
    name: 'StartError',
    message: /coordinator/,
  })
})
