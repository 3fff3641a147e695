// A set of texts that takes sixteen bytes for each, whatever their length: which of many values have been met before. Texts are
// told apart by 53 bits of a hash, so among a million two different ones are taken for equal once in ten thousand times.

const FIRST_SIZE = 1024

export class Fingerprints {
  #slots = new Float64Array(FIRST_SIZE)
  #count = 0

  /** Adds a text; false: it is there already. */
  add(text: string): boolean {
    if (this.#count * 2 >= this.#slots.length) this.#grow()
    const added = put(this.#slots, fingerprintOf(text))
    if (added) this.#count += 1
    return added
  }

  #grow(): void {
    const larger = new Float64Array(this.#slots.length * 2)
    for (const one of this.#slots) if (one !== 0) put(larger, one)
    this.#slots = larger
  }
}

/** A whole number from 1 to 2^53: cyrb53, the hash of two multiplicative ones of 32 bits. */
function fingerprintOf(text: string): number {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    high = Math.imul(high ^ code, 2654435761)
    low = Math.imul(low ^ code, 1597334677)
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return 4294967296 * (2097151 & low) + (high >>> 0) + 1
}

function put(slots: Float64Array, one: number): boolean {
  const mask = slots.length - 1
  for (let at = one % slots.length; ; at = (at + 1) & mask) {
    if (slots[at] === one) return false
    if (slots[at] === 0) {
      slots[at] = one
      return true
    }
  }
}
