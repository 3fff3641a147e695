// Long work in short turns: what one request asks for a hundred thousand times must not keep the others waiting.
import { setImmediate as nextTurn } from 'node:timers/promises'

/** Milliseconds that one piece of the work may hold the event loop. */
const TURN_MS = 15

/** As `items.map(convert)`, with pauses in which other requests are served. */
export async function mapYielding<T, R>(
  items: readonly T[],
  convert: (item: T, at: number) => R,
): Promise<R[]> {
  const results: R[] = []
  let began = performance.now()
  for (const [at, item] of items.entries()) {
    results.push(convert(item, at))
    if (performance.now() - began < TURN_MS) continue
    await nextTurn()
    began = performance.now()
  }
  return results
}
