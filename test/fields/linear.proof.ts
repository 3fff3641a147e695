// Formats are checked in time linear in the text: a doubled text takes about twice the steps, never four times.
import t from 'tap'
import { formats } from '../../lib/fields/index.ts'
import { canonicalTime } from '../../lib/fields/iso-time.ts'
import { numberKey } from '../../lib/fields/number-key.ts'

/** Texts that a pattern has to give up on late. */
const HOSTILE: readonly ((length: number) => string)[] = [
  (length) => `http://${'a'.repeat(length)} `,
  (length) => `http://${'a.'.repeat(length / 2)}\0`,
  (length) => `${'0'.repeat(length)}1.${'0'.repeat(length)}x`,
  (length) => `1.${'0'.repeat(length)}1`,
  (length) => `${'a'.repeat(60)}@${'a-'.repeat(length / 2)}`,
  (length) => `${'a.'.repeat(length / 2)}@`,
  (length) => `10:00:00.${'0'.repeat(length)}1`,
  (length) => ' '.repeat(length),
  (length) => `${'\\'.repeat(length)}x`,
]

/** The fastest of a few runs, in milliseconds. */
function fastest(work: () => unknown): number {
  const times = Array.from({ length: 5 }, () => {
    const began = performance.now()
    for (let n = 0; n < 20; n++) work()
    return performance.now() - began
  })
  return Math.min(...times)
}

const CHECKS: readonly [string, (text: string) => unknown][] = [
  ...formats.map(({ name, test }) => [name, test] as [string, (text: string) => unknown]),
  ['time', canonicalTime],
  ['number key', numberKey],
]

for (const [name, check] of CHECKS)
  t.test(name, async (t) => {
    for (const text of HOSTILE) {
      const [short, long] = [fastest(() => check(text(2000))), fastest(() => check(text(8000)))]
      // Quadratic time would be 16 times as much, of more than a few milliseconds.
      t.ok(
        long < 5 || long < short * 10,
        `${text(8).slice(0, 20)}: ${short.toFixed(2)} and ${long.toFixed(2)} ms`,
      )
    }
  })
