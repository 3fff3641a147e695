// What every duel must come to. Slow tier: nothing ends, the witness is served, what has a budget stays within it. Proof tier,
// on a machine that does nothing else: the witness is served in time, and memory stays small.
import type { Test } from 'tap'
import { type Arena, openArena } from './arena.ts'
import { type Attack, type DuelReport, duel } from './duel.ts'
import { httpClient } from './http-client.ts'
import { MEBIBYTE } from './memory.ts'

/** Bytes of a JSON answer. */
const LARGEST_ANSWER = 32 * MEBIBYTE

/** Bytes of temporary files that one tenant may hold. */
const SPOOL_OF_TENANT = 512 * MEBIBYTE

/** What a refusal of the server's may be; any other 5xx is a mistake of its own. */
const REFUSALS = new Set(['503', '507'])

const PROOF = { p99: 1000, server: 600 * MEBIBYTE, postgres: 1536 * MEBIBYTE }

const is5xx = (status: string) => /^5\d\d$/.test(status)

async function nothingEnded(t: Test, { server, url, postmaster }: Arena, before: number): Promise<void> {
  t.equal(server.child.exitCode ?? server.child.signalCode, null, 'the process lives')
  t.equal(postmaster(), before, 'PostgreSQL has not been started again')
  t.notOk(/PostgreSQL ended|uncaught/i.test(server.output()), 'nor has it been lost')
  t.equal((await httpClient({ url })('GET', '/health/ready')).status, 200, 'it is ready')
}

function witnessServed(t: Test, { witness }: DuelReport): void {
  const unserved = Object.entries(witness.statuses).filter(([key]) => / (0|4\d\d|5\d\d)$/.test(key))
  t.same(Object.fromEntries(unserved), {}, 'the witness was served')
  t.ok(witness.gets.length > 0, 'the witness was there')
}

function withinBudgets(t: Test, report: DuelReport, { mostServed = Number.POSITIVE_INFINITY }: Attack): void {
  const { statuses, longestJson, memory } = report
  const mistakes = Object.entries(statuses).filter(([status]) => is5xx(status) && !REFUSALS.has(status))
  t.same(Object.fromEntries(mistakes), {}, 'the attacker met no mistake of the server')
  t.ok(longestJson <= LARGEST_ANSWER, `an answer of ${longestJson} bytes`)
  t.ok((statuses[200] ?? 0) <= mostServed, `${statuses[200] ?? 0} answers wait`)
  t.ok(memory.spooled <= SPOOL_OF_TENANT, `${memory.spooled} bytes in temporary files`)
}

function p99(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.POSITIVE_INFINITY
}

function inTimeAndSmall(t: Test, { witness, memory }: DuelReport): void {
  const late = p99(witness.gets)
  t.ok(late < PROOF.p99, `the witness' GET by id took ${Math.round(late)} ms at the 99th percentile`)
  for (const part of ['server', 'postgres'] as const)
    t.ok(memory[part] < PROOF[part], `${part}: ${Math.round(memory[part] / MEBIBYTE)} MiB`)
}

function comment(t: Test, { witness, statuses, memory }: DuelReport): void {
  const { server, postgres } = memory
  const sizes = [server, postgres].map((bytes) => `${Math.round(bytes / MEBIBYTE)} MiB`)
  t.comment(`attacker ${JSON.stringify(statuses)}, witness ${JSON.stringify(witness.statuses)}`)
  t.comment(`p99 ${Math.round(p99(witness.gets))} ms, process ${sizes[0]}, PostgreSQL ${sizes[1]}`)
}

export type Tier = 'slow' | 'proof'

/** A subtest for each attack, all against one server. */
export async function standAgainst(t: Test, attacks: readonly Attack[], tier: Tier): Promise<void> {
  const arena = await openArena(t)
  for (const attack of attacks) {
    await t.test(attack.name, async (t) => {
      const before = arena.postmaster()
      const report = await duel(arena, attack)
      comment(t, report)
      await nothingEnded(t, arena, before)
      witnessServed(t, report)
      withinBudgets(t, report, attack)
      if (tier === 'proof') inTimeAndSmall(t, report)
    })
  }
}
