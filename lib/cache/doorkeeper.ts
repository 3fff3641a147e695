// Lets into a cache only what is asked for again: under traffic over far more things than a cache has room for, keeping
// each of them once costs more than making it anew, most of all the garbage collector. The doorkeeper of TinyLFU
// (https://arxiv.org/abs/1512.00727), with one place for each remainder instead of a Bloom filter.

export class Doorkeeper {
  readonly #last: Float64Array

  /** @param places about as many other things may be asked for in between */
  constructor(places: number) {
    this.#last = new Float64Array(places)
  }

  /** Whether this positive integer was asked for before, not long ago. */
  passes(id: number): boolean {
    const place = id % this.#last.length
    if (this.#last[place] === id) return true
    this.#last[place] = id
    return false
  }
}
