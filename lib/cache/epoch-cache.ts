// What was read of the tenants' metadata, each thing at one epoch. Bounded by what it takes of the memory and not by
// number: there may be many small definitions and a few large ones. What was not used for longest goes first.
import { LRUCache } from 'lru-cache'

/** Something read at an epoch; reading it at another one takes its place, so a busy tenant's past does not pile up. */
interface Remembered {
  epoch: number
  value: Promise<unknown>
}

/** Bytes of an entry beside what it holds: key, promise, place in the list. */
const ENTRY = 600

export class EpochCache {
  readonly #entries: LRUCache<string, Remembered>

  constructor(maxBytes: number) {
    this.#entries = new LRUCache({ maxSize: maxBytes })
  }

  /**
   * What a load resolves to at an epoch; a failure and a null are asked for again.
   *
   * @param sizeOf the bytes that the value takes; none when it is small
   */
  cached<T>(key: string, epoch: number, load: () => Promise<T>, sizeOf?: (value: T) => number): Promise<T> {
    const known = this.#entries.get(key)
    if (known?.epoch === epoch) return known.value as Promise<T>
    const entry = { epoch, value: load() }
    this.#entries.set(key, entry, { size: ENTRY })
    const settle = (change: () => void) => this.#entries.peek(key) === entry && change()
    entry.value.then(
      (value) =>
        settle(() => {
          if (value === null) this.#entries.delete(key)
          else if (sizeOf) this.#entries.set(key, { ...entry }, { size: ENTRY + sizeOf(value) })
        }),
      () => settle(() => this.#entries.delete(key)),
    )
    return entry.value
  }

  /** Takes over what is known without a load. */
  remember(key: string, epoch: number, value: unknown): void {
    this.#entries.set(key, { epoch, value: Promise.resolve(value) }, { size: ENTRY })
  }

  evict(key: string): void {
    this.#entries.delete(key)
  }
}
