// A tenant of the fault run: how its requests are sent, and its entity, whose schema is replaced again and again. Each
// version has a field of its own, so that a body tells under which version it was made.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome, Witness } from './witness.ts'

/** Longer than anything in the server waits. */
const NO_ANSWER_MS = 30_000

/** Seconds, and tries, until the server counts as lost. */
export const RECOVERY_TRIES = 60

const ENTITY = 'note'

export interface Tenant {
  name: string
  /** The last version whose acceptance was acknowledged; nothing may be stored under an older one. */
  version: number
  /** How often a change has begun, and whether one is under way. */
  changes: number
  changing: boolean
  send(method: string, path: string, body?: object): Promise<Outcome>
}

interface Server {
  url: string
  witness: Witness
}

export const fieldOf = (version: number) => `v${version}`

const definitionOf = (version: number) => ({
  entity_name: ENTITY,
  fields: [
    { name: 'owner', type: 'string', required: true },
    { name: 'seq', type: 'integer', required: true, indexed: true },
    { name: fieldOf(version), type: 'boolean' },
  ],
})

/** Signs in the first admin of the tenant and describes its entity. */
export async function openTenant({ url, witness }: Server, name: string, password: string): Promise<Tenant> {
  const credentials = new URLSearchParams({ username: `${name}/admin`, password })
  const answer = await fetch(`${url}/auth/token`, { method: 'POST', body: credentials })
  const { access_token: token } = (await answer.json()) as { access_token: string }
  const send: Tenant['send'] = async (method, path, body) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    const payload = body === undefined ? {} : { body: JSON.stringify(body) }
    const since = performance.now()
    const init = { method, headers, ...payload, signal: AbortSignal.timeout(NO_ANSWER_MS) }
    try {
      const response = await fetch(url + path, init)
      const outcome = { status: response.status, body: parse(await response.text()) }
      witness.saw(outcome, since, response.headers)
      return outcome
    } catch (error) {
      const outcome = { status: undefined, body: undefined }
      if ((error as Error).name === 'TimeoutError') witness.complain('no answer at all')
      witness.saw(outcome, since)
      return outcome
    }
  }
  const { status } = await send('POST', '/schemas/', definitionOf(0))
  if (status !== 201) throw new Error(`${name}: the entity could not be created: ${status}`)
  return { name, version: 0, changes: 0, changing: false, send }
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return text
  }
}

/** Replaces the schema again and again. */
export async function changeSchema(tenant: Tenant, pause: number, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const next = tenant.version + 1
    tenant.changes += 1
    tenant.changing = true
    const { status } = await tenant.send('PUT', `/schemas/${ENTITY}`, definitionOf(next))
    if (status === 200) tenant.version = next
    else tenant.version = await readVersion(tenant)
    tenant.changing = false
    await sleep(pause)
  }
}

/** After a change of which nobody knows what became of it. */
async function readVersion(tenant: Tenant): Promise<number> {
  for (let tries = 0; tries < RECOVERY_TRIES; tries++) {
    // What was sent may still be on its way to the database.
    await sleep(1000)
    const { status, body } = await tenant.send('GET', `/schemas/${ENTITY}`)
    if (status !== 200) continue
    const names = (body as { fields: { name: string }[] }).fields.map(({ name }) => name)
    return Number(names.find((name) => /^v\d+$/.test(name))?.slice(1))
  }
  throw new Error(`${tenant.name}: the server does not recover`)
}
