// An attack of one tenant at full speed beside the witness of another, and what became of the server and of both.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Arena, ATTACKER, PASSWORD } from './arena.ts'
import { type Answer, httpClient, type Send, tokenOf } from './http-client.ts'
import { type Memory, watchMemory } from './memory.ts'
import { Random } from './random.ts'
import { callWitness, type WitnessReport } from './witness.ts'

/** What an attack works with. */
export interface Attacker {
  url: string
  token: string
  send: Send
  random: Random
  /** Counts an answer that did not come by `send`. */
  see(answer: Answer): void
  /** Aborted when the time is over. */
  signal: AbortSignal
}

export interface Attack {
  name: string
  /** Strikes at once. */
  parallel: number
  /** Makes entities and records, before the time begins. */
  prepare?(attacker: Attacker): Promise<void>
  /** One request or a few; ends early when the signal is aborted. */
  strike(attacker: Attacker, turn: number): Promise<void>
  /** Answers of status 200 that there is a budget for, where nobody reads them. */
  mostServed?: number
}

export interface DuelReport {
  witness: WitnessReport
  /** The attacker's answers by status; 0 are connections that ended. */
  statuses: Record<string, number>
  /** Bytes of the longest JSON answer to the attacker. */
  longestJson: number
  memory: Memory
}

/** Milliseconds. */
const DURATION = 20_000

/** The address that the attacker calls from; Linux takes all of 127/8 for its own. */
export const ATTACKER_ADDRESS = process.platform === 'linux' ? '127.0.0.2' : '127.0.0.1'

/** From the environment, to see another sequence of random requests; the same in every run otherwise. */
const SEED = Number(process.env.UNIVERA_TEST_SEED ?? 12)

export async function duel(arena: Arena, attack: Attack): Promise<DuelReport> {
  const over = new AbortController()
  const random = new Random(SEED)
  const statuses: Record<string, number> = {}
  let longestJson = 0
  const see = ({ status, type, bytes }: Answer) => {
    if (over.signal.aborted) return
    statuses[status] = (statuses[status] ?? 0) + 1
    if (type.includes('json') && !type.includes('ndjson')) longestJson = Math.max(longestJson, bytes)
  }
  const { url } = arena
  const token = await tokenOf(httpClient({ url }), ATTACKER, PASSWORD)
  const calm = { url, token, send: httpClient({ url }, token), random, see, signal: over.signal }
  await attack.prepare?.(calm)
  const witness = await callWitness(arena.witness)

  const send = httpClient({ url, localAddress: ATTACKER_ADDRESS, signal: over.signal }, token)
  const seen: Send = async (...request) => {
    const answer = await send(...request)
    see(answer)
    return answer
  }
  const memory = watchMemory(arena.pid, arena.postmaster(), over.signal)
  const striking = Array.from({ length: attack.parallel }, (_, at) =>
    strikeOn(attack, { ...calm, send: seen }, at),
  )
  await sleep(DURATION)
  over.abort()
  const report = await witness.dismiss()
  await Promise.all(striking)
  return { witness: report, statuses, longestJson, memory: await memory }
}

async function strikeOn(attack: Attack, attacker: Attacker, first: number): Promise<void> {
  for (let turn = first; !attacker.signal.aborted; turn += attack.parallel) {
    await attack.strike(attacker, turn)
    // A refusal that comes at once: the witness lives in the same machine.
    await sleep(1)
  }
}
