// Bytes at any place of a file that is being examined, from its beginning in memory or, beyond that, from its storage.

/** The bytes of one file. */
export interface ByteSource {
  /** Bytes of the whole. */
  size: number
  /** The bytes from `start` to before `end`, cut to the size. */
  read(start: number, end: number): Promise<Buffer>
}

/**
 * @param head the first bytes of the file, or all
 * @param readRange reads the bytes from `start` to `end`, both included
 */
export function byteSource(
  head: Buffer,
  size: number,
  readRange: (start: number, end: number) => Promise<Buffer>,
): ByteSource {
  return {
    size,
    read: async (start, end) => {
      const [first, last] = [Math.max(0, start), Math.min(end, size)]
      if (first >= last) return Buffer.alloc(0)
      return last <= head.length ? head.subarray(first, last) : readRange(first, last - 1)
    },
  }
}
