// A cache of texts outside JavaScript's heap: one block of bytes, written round and round, the oldest overwritten by the
// newest. A hundred thousand definitions as objects would double what every garbage collection has to look through;
// here they cost it next to nothing.

/** Lengths of key and text, before both. */
const HEAD = 8

/** Instead of a key's length: nothing follows until the end of the block. */
const END = 0xffffffff

export class OffHeapTextCache {
  readonly #bytes: Buffer
  /** Key -> place of its text, counted from the first byte ever written. */
  readonly #places = new Map<string, number>()
  #first = 0
  #next = 0

  /** @param size bytes; memory is taken as they are first written */
  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafeSlow(size)
  }

  get(key: string): string | undefined {
    const place = this.#places.get(key)
    if (place === undefined) return undefined
    const at = place % this.#bytes.length
    const start = at + HEAD + this.#bytes.readUInt32LE(at)
    return this.#bytes.toString('utf8', start, start + this.#bytes.readUInt32LE(at + 4))
  }

  /** A text that is larger than a quarter of the block is not kept. */
  set(key: string, text: string): void {
    const [keyLength, textLength] = [Buffer.byteLength(key), Buffer.byteLength(text)]
    const length = HEAD + keyLength + textLength
    this.#places.delete(key)
    if (length > this.#bytes.length / 4) return
    const at = this.#makeRoom(length)
    this.#bytes.writeUInt32LE(keyLength, at)
    this.#bytes.writeUInt32LE(textLength, at + 4)
    this.#bytes.write(key, at + HEAD)
    this.#bytes.write(text, at + HEAD + keyLength)
    this.#places.set(key, this.#next)
    this.#next += length
  }

  /** Makes so many bytes in a row free, where the next text goes. */
  #makeRoom(length: number): number {
    const { length: size } = this.#bytes
    const left = size - (this.#next % size)
    if (left < length + HEAD) {
      this.#overwrite(left)
      if (left >= HEAD) this.#bytes.writeUInt32LE(END, this.#next % size)
      this.#next += left
    }
    this.#overwrite(length)
    return this.#next % size
  }

  #overwrite(length: number): void {
    while (this.#next + length > this.#first + this.#bytes.length) this.#dropFirst()
  }

  #dropFirst(): void {
    const { length: size } = this.#bytes
    const at = this.#first % size
    const keyLength = size - at < HEAD ? END : this.#bytes.readUInt32LE(at)
    if (keyLength === END) {
      this.#first += size - at
      return
    }
    const key = this.#bytes.toString('utf8', at + HEAD, at + HEAD + keyLength)
    if (this.#places.get(key) === this.#first) this.#places.delete(key)
    this.#first += HEAD + keyLength + this.#bytes.readUInt32LE(at + 4)
  }
}
