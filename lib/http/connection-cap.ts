// Counts open connections, in all and for each client address; refuses those beyond either cap.

export interface ConnectionLimits {
  /** Connections of this process. */
  all: number
  /** Connections of one address among them. */
  address: number
}

export class ConnectionCap {
  readonly #limits: ConnectionLimits
  readonly #isExempt: (address: string) => boolean
  readonly #ofAddress = new Map<string, number>()
  #open = 0

  /** @param isExempt whether an address speaks for many clients, as a proxy does: then only the cap of all counts */
  constructor(limits: ConnectionLimits, isExempt: (address: string) => boolean) {
    this.#limits = limits
    this.#isExempt = isExempt
  }

  /** Takes a place for a connection; false when there is none. */
  take(address: string): boolean {
    const own = this.#ofAddress.get(address) ?? 0
    if (this.#open >= this.#limits.all) return false
    if (own >= this.#limits.address && !this.#isExempt(address)) return false
    this.#open += 1
    this.#ofAddress.set(address, own + 1)
    return true
  }

  /** Gives back a place that `take` gave. */
  release(address: string): void {
    const left = (this.#ofAddress.get(address) ?? 0) - 1
    this.#open -= 1
    if (left > 0) this.#ofAddress.set(address, left)
    else this.#ofAddress.delete(address)
  }
}
