// The rows of a CSV or NDJSON body on their way: text in pieces comes in, and leaves as rows in batches of limited size.
import type { Violation } from '../errors/problem.ts'

/** A row as it came: a body to be validated, or what keeps it from being one. */
export interface IncomingRow {
  body: unknown
  violations: readonly Violation[]
  /** The number of its line in the body, from 1. */
  line: number
}

/** Reads one format, piece by piece. */
export interface RowParser {
  /** The rows that this piece completes. */
  read(piece: string): IncomingRow[]
  /** The rows that the end completes. */
  end(): IncomingRow[]
}

/** Characters of text after which a batch is full, however few rows it has. */
const BATCH_SIZE = 1_048_576

/** @param most rows of a batch */
export async function* inBatches(
  text: AsyncIterable<string>,
  parser: RowParser,
  most: number,
): AsyncGenerator<IncomingRow[]> {
  let batch: IncomingRow[] = []
  let size = 0
  const pieces = (async function* pieces() {
    for await (const piece of text) yield { rows: parser.read(piece), length: piece.length }
    yield { rows: parser.end(), length: 0 }
  })()
  for await (const { rows, length } of pieces) {
    size += length
    for (const row of rows) {
      if (batch.push(row) < most) continue
      yield batch
      batch = []
      size = 0
    }
    if (size < BATCH_SIZE || batch.length === 0) continue
    yield batch
    batch = []
    size = 0
  }
  if (batch.length > 0) yield batch
}
