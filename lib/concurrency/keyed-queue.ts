// Serializes work per key in the order of arrival, for work that concurrent callers would make each other repeat. Best
// effort and no lock: after a timeout the caller proceeds without waiting for the others.
import { setTimeout as sleep } from 'node:timers/promises'

export class KeyedQueue {
  readonly #last = new Map<string, Promise<unknown>>()
  readonly #timeout: number

  /** @param timeout milliseconds after which a caller stops waiting and proceeds */
  constructor(timeout: number) {
    this.#timeout = timeout
  }

  /** Waits until those who came before have released the key, or until the timeout; resolves to the release function. */
  async take(key: string): Promise<() => void> {
    const before = this.#last.get(key)
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const both = Promise.all([before, released]).then(() => {
      if (this.#last.get(key) === both) this.#last.delete(key)
    })
    this.#last.set(key, both)
    if (before !== undefined) await this.#wait(before)
    return release
  }

  async #wait(before: Promise<unknown>): Promise<void> {
    const abort = new AbortController()
    const timeout = sleep(this.#timeout, undefined, { signal: abort.signal }).catch(() => {})
    await Promise.race([before, timeout])
    abort.abort()
  }
}
