// One at a time per key, in the order of asking: for those who would otherwise spoil each other's work again and again.
// It is a courtesy and no lock: who has waited too long goes ahead without his turn.
import { setTimeout as sleep } from 'node:timers/promises'

export class KeyedQueue {
  readonly #last = new Map<string, Promise<unknown>>()
  readonly #patience: number

  /** @param patience milliseconds to wait at most */
  constructor(patience: number) {
    this.#patience = patience
  }

  /** Waits for the turn; call what it resolves to when done. */
  async take(key: string): Promise<() => void> {
    const before = this.#last.get(key)
    let done = () => {}
    const mine = new Promise<void>((resolve) => {
      done = resolve
    })
    const both = Promise.all([before, mine]).then(() => {
      if (this.#last.get(key) === both) this.#last.delete(key)
    })
    this.#last.set(key, both)
    if (before !== undefined) await this.#wait(before)
    return done
  }

  async #wait(before: Promise<unknown>): Promise<void> {
    const abort = new AbortController()
    const tired = sleep(this.#patience, undefined, { signal: abort.signal }).catch(() => {})
    await Promise.race([before, tired])
    abort.abort()
  }
}
