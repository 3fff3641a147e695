// A set of texts that takes sixteen bytes for each, whatever their length: which of many values have been met before. Texts are
// told apart by 53 bits of a digest, so among a million two different ones are taken for equal once in ten thousand times; what
// is refused in the end is decided by the database.
import { createHash } from 'node:crypto'

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

/** A whole number from 1 to 2^53 - 1. */
function fingerprintOf(text: string): number {
  const digest = createHash('sha1').update(text).digest()
  return digest.readUIntBE(0, 6) * 16 + ((digest[6] ?? 0) & 15) + 1
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
