// Admits to a cache only ids that are requested a second time. With far more ids than the cache can hold, storing each
// one costs more than recomputing it, most of all in garbage collection. The doorkeeper of TinyLFU
// (https://arxiv.org/abs/1512.00727), with a direct-mapped table instead of a Bloom filter.

export class Doorkeeper {
  readonly #last: Float64Array

  /** @param size slots of the table; an id is remembered until another one takes its slot */
  constructor(size: number) {
    this.#last = new Float64Array(size)
  }

  /** True when this id, a positive integer, was passed before and is still remembered; remembers it. */
  passes(id: number): boolean {
    const slot = id % this.#last.length
    if (this.#last[slot] === id) return true
    this.#last[slot] = id
    return false
  }
}
