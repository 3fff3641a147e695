// How large the heap may get. V8 lets it grow to several times of what is in use when the machine has plenty: cheap while
// it is small, but with the caches full of 100,000 entities 200 MB are garbage. So a large heap grows in smaller steps.
import { getHeapStatistics, setFlagsFromString } from 'node:v8'

/** Bytes from which on a heap is large. */
const LARGE = 128 * 2 ** 20

/** Per cent by which a large heap may grow beyond what the last collection has left; 0 leaves it to V8. */
const STEP = 50

const LOOK_EVERY_MS = 1000

/** To be called once in a process that serves. */
export function keepHeapSmall(): void {
  let step = 0
  const look = () => {
    const wanted = getHeapStatistics().total_heap_size > LARGE ? STEP : 0
    if (wanted === step) return
    step = wanted
    setFlagsFromString(`--heap-growing-percent=${step}`)
  }
  setInterval(look, LOOK_EVERY_MS).unref()
}
