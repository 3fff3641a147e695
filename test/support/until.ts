// What comes about in its own time is asked for again and again, and never waited for by the clock.

import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds, far more than anything takes on a loaded machine: only what never comes about is given up. */
const PATIENCE = 60_000

const PAUSE = 10

/**
 * Waits until a condition holds.
 *
 * @param what the condition in words, for the error of one that never holds
 * @returns what the condition came to
 */
export async function until<T>(condition: () => T | Promise<T>, what = String(condition)): Promise<T> {
  for (const end = performance.now() + PATIENCE; ; ) {
    const value = await condition()
    if (value) return value
    if (performance.now() > end) throw new Error(`it never came about: ${what}`)
    await sleep(PAUSE)
  }
}

/** Waits until a number is the same twenty times in a row; the number. */
export async function untilSteady(read: () => number): Promise<number> {
  let last = read()
  let times = 1
  await until(() => {
    const now = read()
    times = now === last ? times + 1 : 1
    last = now
    return times === 20
  }, `${read} is steady`)
  return last
}
