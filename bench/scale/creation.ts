// What it costs to describe an entity and have its first record accepted, and whether records that were seeded are what
// the server itself writes.

import { total } from '../cpu.ts'
import type { Server } from './server.ts'
import { definitionOf, type Place, recordOf } from './world.ts'

export interface Creation {
  /** CPU microseconds of server and database, and milliseconds that the client has waited, for both requests. */
  cpu: number
  milliseconds: number
}

/** Names of this run alone: the data may be kept from others. */
const run = Date.now().toString(36)

let made = 0

async function post({ url }: Server, path: string, { token }: Place, body: object): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  if (response.status !== 201) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`)
  await response.text()
}

async function createOne(server: Server, owner: Place, name = `made_${run}_${made++}`): Promise<string> {
  await post(server, '/schemas/', owner, definitionOf(made, name))
  await post(server, `/${name}/`, owner, recordOf(0))
  return name
}

/** Creates so many entities, one after the other, each with a record, in tenants at random. */
export async function measureCreation(server: Server, count: number): Promise<Creation> {
  const before = await server.cpu()
  const began = performance.now()
  for (let i = 0; i < count; i++) {
    const at = Math.floor(Math.random() * server.places.length)
    await createOne(server, server.places[at] as Place)
  }
  const milliseconds = (performance.now() - began) / count
  return { cpu: (total(await server.cpu()) - total(before)) / count, milliseconds }
}

/** Throws unless a seeded entity and its first record are, column by column, what the API makes of the same. */
export async function verifySeed(server: Server): Promise<void> {
  const [first] = server.places
  if (first === undefined) return
  const name = `verified_${run}`
  await post(server, '/schemas/', first, definitionOf(0, name))
  await post(server, `/${name}/`, first, recordOf(0))
  const { rows } = await server.database.query<{ seeded: string; made: string }>(
    `with shown as (
        select e.name, jsonb_build_array(e.definition, e.version,
          to_jsonb(r) - '{id,entity_id,created_at}'::text[])::text as state
        from entity e join record r on r.tenant_id = e.tenant_id and r.entity_id = e.id
        where (e.name = $1 and r.id = $2) or e.name = $3)
      select a.state as seeded, b.state as made from shown a, shown b where a.name = $1 and b.name = $3`,
    [first.name, first.ids[0], name],
  )
  if (rows[0] === undefined || rows[0].seeded !== rows[0].made)
    throw new Error(`seeded: ${rows[0]?.seeded}\nmade by the API: ${rows[0]?.made}`)
}
