// Requests for one entity or for all of them at random, and what one of them costs.
import autocannon from 'autocannon'
import { type Cpu, total } from '../cpu.ts'
import type { Target } from './server.ts'
import { type Place, recordOf } from './world.ts'

/** Which entities the traffic goes to. */
export type Spread = 'one' | 'random' | 'large'

export type Operation = 'get' | 'list' | 'create' | 'filter'

export interface Load {
  requests: number
  connections: number
}

type Request = Pick<autocannon.Request, 'method' | 'path' | 'headers' | 'body'>

/** Milliseconds: it looks so often whether all was answered. */
const LOOK_EVERY = 50

/** Requests of each connection before the measuring. */
const WARM_UP = 20

let made = 0

function pick<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)] as T
}

function requestTo({ token, name, ids }: Place, operation: Operation): Request {
  const headers = { authorization: `Bearer ${token}` }
  if (operation === 'get') return { method: 'GET', path: `/${name}/${pick(ids)}`, headers }
  if (operation === 'list') return { method: 'GET', path: `/${name}/?limit=5`, headers }
  if (operation === 'filter')
    return { method: 'GET', path: `/${name}/?age=gt.50&order=name&limit=20`, headers }
  const body = JSON.stringify(recordOf(made, `new-${process.pid}-${made++}`))
  return {
    method: 'POST',
    path: `/${name}/`,
    headers: { ...headers, 'content-type': 'application/json' },
    body,
  }
}

function placesOf({ places, large }: Target, spread: Spread): Place[] {
  return { one: places.slice(0, 1), random: places, large: [large] }[spread]
}

/** CPU microseconds of one request, on average. */
export interface Measured extends Cpu {
  /** Of server and database together. */
  cpu: number
  /** Requests a second. */
  rate: number
}

export async function measure(
  server: Target,
  operation: Operation,
  spread: Spread,
  { requests, connections }: Load,
): Promise<Measured> {
  const places = placesOf(server, spread)
  const setupRequest = (request: autocannon.Request) => ({
    ...request,
    ...requestTo(pick(places), operation),
  })
  const send = (amount: number) =>
    autocannon({
      url: server.url,
      connections,
      amount,
      requests: [{ setupRequest }],
      sampleInt: LOOK_EVERY,
    })
  // Connections to the database that were idle for ten seconds are closed, and new ones have everything before them.
  await send(connections * WARM_UP)
  const before = await server.cpu()
  const result = await send(requests)
  const after = await server.cpu()
  const { errors, non2xx, duration } = result
  if (errors + non2xx > 0) throw new Error(`${operation}, ${spread}: ${errors} errors, ${non2xx} refused`)
  const sent = result.requests.total
  const cpu = {
    server: (after.server - before.server) / sent,
    database: (after.database - before.database) / sent,
  }
  return { ...cpu, cpu: total(cpu), rate: sent / duration }
}

/** Sends one request to every entity. */
export async function touchAll({ url, places }: Target, operation: Operation, connections: number) {
  let next = 0
  const request = () => requestTo(places[next++ % places.length] as Place, operation)
  const amount = Math.max(places.length, connections)
  const setupRequest = (given: autocannon.Request) => ({ ...given, ...request() })
  const { non2xx } = await autocannon({
    url,
    connections,
    amount,
    requests: [{ setupRequest }],
    sampleInt: LOOK_EVERY,
  })
  if (non2xx > 0) throw new Error(`${operation} of every entity: ${non2xx} refused`)
}
