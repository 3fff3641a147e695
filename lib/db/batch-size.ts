// The size of a batch of records that a transaction reads, changes and writes back: by rows and by bytes.

/** Rows of one batch. */
export const MOST_ROWS = 500

/** Bytes of the documents in one batch; a larger one is a batch by itself. */
export const MOST_BYTES = 8 * 2 ** 20

/** The rows, at least one, that each of which takes so many bytes may be in one batch. */
export function rowsOfSize(size: number, most: number): number {
  return Math.max(1, Math.min(most, Math.floor(MOST_BYTES / Math.max(1, size))))
}

/**
 * Splits items into runs of at most MOST_ROWS items and MOST_BYTES bytes.
 *
 * @param growth bytes that each item will have beside its own
 */
export function splitBySize<T extends { size: number }>(items: readonly T[], growth = 0): T[][] {
  const batches: T[][] = []
  let batch: T[] = []
  let bytes = 0
  for (const item of items) {
    const size = item.size + growth
    if (batch.length > 0 && (batch.length === MOST_ROWS || bytes + size > MOST_BYTES)) {
      batches.push(batch)
      batch = []
      bytes = 0
    }
    batch.push(item)
    bytes += size
  }
  return batch.length === 0 ? batches : [...batches, batch]
}
