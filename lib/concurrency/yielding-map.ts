// Splits long synchronous work into short slices, so that a request with a hundred thousand rows does not block others.
import { setImmediate as yieldToEventLoop } from 'node:timers/promises'

/** Milliseconds after which the event loop is yielded; an item that takes longer is not interrupted. */
const SLICE_MS = 15

/**
 * `items.map(convert)` that yields to the event loop every few milliseconds, so that other requests are served.
 *
 * @param resume called after each yield; what it throws ends the work
 */
export async function mapYielding<T, R>(
  items: readonly T[],
  convert: (item: T, at: number) => R,
  resume: () => void = () => {},
): Promise<R[]> {
  const results: R[] = []
  let began = performance.now()
  for (const [at, item] of items.entries()) {
    results.push(convert(item, at))
    if (performance.now() - began < SLICE_MS) continue
    await yieldToEventLoop()
    resume()
    began = performance.now()
  }
  return results
}
