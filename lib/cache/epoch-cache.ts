// An LRU cache of tenants' metadata; each value is valid at one epoch. Bounded by bytes rather than by entries, because
// there may be many small definitions and a few large ones.
import { LRUCache } from 'lru-cache'

/** A value at one epoch. A key holds one epoch only, so the old values of a busy tenant do not pile up. */
interface Entry {
  epoch: number
  value: Promise<unknown>
}

/** Bytes of an entry besides its value: key, promise, list node. */
const ENTRY = 600

export class EpochCache {
  readonly #entries: LRUCache<string, Entry>

  constructor(maxBytes: number) {
    this.#entries = new LRUCache({ maxSize: maxBytes })
  }

  /** Entries. */
  get size(): number {
    return this.#entries.size
  }

  /**
   * The value of a key at an epoch; concurrent calls share one load. Null and failures are not cached.
   *
   * @param sizeOf the bytes that the value takes; absent when it is small
   */
  cached<T>(key: string, epoch: number, load: () => Promise<T>, sizeOf?: (value: T) => number): Promise<T> {
    const known = this.#entries.get(key)
    if (known?.epoch === epoch) return known.value as Promise<T>
    const entry = { epoch, value: load() }
    this.#entries.set(key, entry, { size: ENTRY })
    const ifCurrent = (change: () => void) => this.#entries.peek(key) === entry && change()
    entry.value.then(
      (value) =>
        ifCurrent(() => {
          if (value === null) this.#entries.delete(key)
          else if (sizeOf) this.#entries.set(key, { ...entry }, { size: ENTRY + sizeOf(value) })
        }),
      () => ifCurrent(() => this.#entries.delete(key)),
    )
    return entry.value
  }

  /** Stores a value that needs no load. */
  remember(key: string, epoch: number, value: unknown): void {
    this.#entries.set(key, { epoch, value: Promise.resolve(value) }, { size: ENTRY })
  }

  /** Drops the key, whatever its epoch. */
  evict(key: string): void {
    this.#entries.delete(key)
  }
}
