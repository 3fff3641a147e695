// Watches transfers for progress: in go things with a counter of bytes, out come those that moved too little for too long.

/** How much a transfer has to move, and in what time. */
export interface ProgressRule {
  /** Milliseconds over which progress is measured. */
  window: number
  /** Bytes that a transfer moves at least in each window. */
  least: number
}

interface Mark {
  bytes: number
  at: number
}

export class ProgressWatch<T> {
  readonly #marks = new Map<T, Mark>()
  readonly #bytesOf: (transfer: T) => number | null
  readonly #rule: ProgressRule

  /** @param bytesOf the bytes that a transfer has moved so far; null while this side holds it up */
  constructor(bytesOf: (transfer: T) => number | null, rule: ProgressRule) {
    this.#bytesOf = bytesOf
    this.#rule = rule
  }

  /** @param now milliseconds of a clock that only goes forward */
  add(transfer: T, now = performance.now()): void {
    this.#marks.set(transfer, { bytes: this.#bytesOf(transfer) ?? 0, at: now })
  }

  delete(transfer: T): void {
    this.#marks.delete(transfer)
  }

  /** The transfers that have not made enough progress since their window began; it begins again with enough. */
  stalled(now = performance.now()): T[] {
    const { window, least } = this.#rule
    return [...this.#marks].flatMap(([transfer, { bytes, at }]) => {
      const moved = this.#bytesOf(transfer)
      if (moved !== null && moved - bytes < least) return now - at >= window ? [transfer] : []
      this.add(transfer, now)
      return []
    })
  }
}
