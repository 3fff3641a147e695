// A queue of work for something scarce, such as threads: so much runs at once, and the keys that wait take turns, so that
// one with a thousand waiting delays another's next by one and not by a thousand.
import { errors } from '../errors.ts'

export interface FairQueueLimits {
  /** Works that run at once. */
  running: number
  /** Works of one key that may wait; errors.unavailable beyond. */
  waiting: number
}

type Start = () => Promise<void>

export class FairQueue {
  readonly #limits: FairQueueLimits
  /** Works that wait, by key; the key whose turn is next comes first. */
  readonly #waiting = new Map<string, Start[]>()
  #running = 0

  constructor(limits: FairQueueLimits) {
    this.#limits = limits
  }

  /** Runs work when its key's turn has come; resolves and rejects as the work does. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const queue = this.#waiting.get(key) ?? []
    if (queue.length >= this.#limits.waiting) return Promise.reject(errors.unavailable())
    return new Promise((resolve, reject) => {
      queue.push(() => work().then(resolve, reject))
      this.#waiting.set(key, queue)
      this.#next()
    })
  }

  #next(): void {
    const [turn] = this.#waiting
    if (turn === undefined || this.#running >= this.#limits.running) return
    const [key, [start, ...rest]] = turn
    // To the end of the round.
    this.#waiting.delete(key)
    if (rest.length > 0) this.#waiting.set(key, rest)
    this.#running += 1
    ;(start as Start)().finally(() => {
      this.#running -= 1
      this.#next()
    })
  }
}
