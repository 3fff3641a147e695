// The size of a batch of records that a transaction reads, changes and writes back: by rows and by bytes.

/** Rows of one batch. */
export const MOST_ROWS = 500

/** Bytes of the documents in one batch; a larger one is a batch by itself. */
export const MOST_BYTES = 8 * 2 ** 20

/** Splits items into runs of at most MOST_ROWS items and MOST_BYTES bytes. */
export function splitBySize<T extends { size: number }>(items: readonly T[], most = MOST_ROWS): T[][] {
  const batches: T[][] = []
  let batch: T[] = []
  let bytes = 0
  for (const item of items) {
    if (batch.length > 0 && (batch.length === most || bytes + item.size > MOST_BYTES)) {
      batches.push(batch)
      batch = []
      bytes = 0
    }
    batch.push(item)
    bytes += item.size
  }
  return batch.length === 0 ? batches : [...batches, batch]
}
