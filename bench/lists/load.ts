// The load: so many clients, each asking the next question when the last is answered, over connections that stay open.

import { Agent, request } from 'node:http'
import type { Contestant } from '../servers.ts'
import { type Operation, queryNames, slugOf, type Values } from './operation.ts'
import type { Pool } from './pool.ts'

export interface Side extends Contestant {
  agent: Agent
}

export const sideOf = (who: Contestant, connections: number): Side => ({
  ...who,
  agent: new Agent({ keepAlive: true, maxSockets: connections }),
})

function queryOf(operation: Operation, values: Values): string {
  const names = queryNames(operation, values)
  const pairs = names.flatMap((name) => [values[name]].flat().map((value) => [name, String(value)]))
  return new URLSearchParams(pairs as [string, string][]).toString()
}

/** The same question for either side. */
export function pathOf(operation: Operation, values: Values, pool: Pool) {
  return {
    univera: operation.univera(values, pool),
    byHand: `${slugOf(operation)}?${queryOf(operation, values)}`,
  }
}

export interface Answer {
  status: number
  text: string
}

/** Sends one request; refuses any answer but a success. */
export function send(
  { url, token, agent }: Side,
  path: string,
  {
    method = 'GET',
    prefer,
    body,
  }: { method?: string; prefer?: string | undefined; body?: object | undefined },
): Promise<string> {
  const payload = body && JSON.stringify(body)
  const headers = {
    authorization: `Bearer ${token}`,
    ...(prefer && { prefer }),
    ...(payload && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
  }
  return new Promise((resolve, reject) => {
    const sent = request(url + path, { method, headers, agent }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        if ((answer.statusCode ?? 500) < 300) resolve(text)
        else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`))
      })
    })
    sent.on('error', reject)
    sent.end(payload)
  })
}

/** One question with new values. */
export function ask(side: Side, operation: Operation, pool: Pool): Promise<string> {
  const values = operation.draw(pool)
  const { univera, byHand } = pathOf(operation, values, pool)
  const path = side.name === 'Univera' ? univera : byHand
  return send(side, path, { ...operation, body: operation.body?.(values) })
}

/** Milliseconds of each request of so many clients, until the time is over. */
export async function run(
  connections: number,
  seconds: number,
  once: () => Promise<unknown>,
): Promise<number[]> {
  const latencies: number[] = []
  const end = performance.now() + seconds * 1000
  const client = async () => {
    while (performance.now() < end) {
      const began = performance.now()
      await once()
      latencies.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({ length: connections }, client))
  return latencies
}
