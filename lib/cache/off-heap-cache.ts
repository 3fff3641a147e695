// A cache of texts outside the JavaScript heap: a ring buffer in which the newest entry overwrites the oldest. As objects,
// a hundred thousand definitions would double the heap that every garbage collection traverses; here they add next to
// nothing to it.

/** Bytes before an entry: the lengths of its key and its text. */
const HEADER = 8

/** In place of a key length: the rest of the block is unused. */
const UNUSED = 0xffffffff

export class OffHeapTextCache {
  readonly #bytes: Buffer
  /** Key -> offset of its entry, counted from the first byte ever written. */
  readonly #offsets = new Map<string, number>()
  #first = 0
  #next = 0

  /** @param size bytes; the operating system provides memory only as they are first written */
  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafeSlow(size)
  }

  /** Entries. */
  get size(): number {
    return this.#offsets.size
  }

  /** The text last set for the key; undefined when it was overwritten or never set. */
  get(key: string): string | undefined {
    const offset = this.#offsets.get(key)
    if (offset === undefined) return undefined
    const at = offset % this.#bytes.length
    const start = at + HEADER + this.#bytes.readUInt32LE(at)
    return this.#bytes.toString('utf8', start, start + this.#bytes.readUInt32LE(at + 4))
  }

  /** Stores a text in place of the key's former one; an entry larger than a quarter of the block is only removed. */
  set(key: string, text: string): void {
    const [keyLength, textLength] = [Buffer.byteLength(key), Buffer.byteLength(text)]
    const length = HEADER + keyLength + textLength
    this.#offsets.delete(key)
    if (length > this.#bytes.length / 4) return
    const at = this.#makeRoom(length)
    this.#bytes.writeUInt32LE(keyLength, at)
    this.#bytes.writeUInt32LE(textLength, at + 4)
    this.#bytes.write(key, at + HEADER)
    this.#bytes.write(text, at + HEADER + keyLength)
    this.#offsets.set(key, this.#next)
    this.#next += length
  }

  /** Frees `length` contiguous bytes and returns where in the block they begin. */
  #makeRoom(length: number): number {
    const { length: size } = this.#bytes
    const left = size - (this.#next % size)
    if (left < length + HEADER) {
      this.#overwrite(left)
      if (left >= HEADER) this.#bytes.writeUInt32LE(UNUSED, this.#next % size)
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
    const keyLength = size - at < HEADER ? UNUSED : this.#bytes.readUInt32LE(at)
    if (keyLength === UNUSED) {
      this.#first += size - at
      return
    }
    const key = this.#bytes.toString('utf8', at + HEADER, at + HEADER + keyLength)
    if (this.#offsets.get(key) === this.#first) this.#offsets.delete(key)
    this.#first += HEADER + keyLength + this.#bytes.readUInt32LE(at + 4)
  }
}
