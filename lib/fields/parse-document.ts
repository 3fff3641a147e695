// The JSON text of a filter on documents (`meta=cs.{"a":1}`): the value, or undefined when it cannot be compared with.
import { findUnstorable } from './unstorable.ts'

/** Parses JSON that a stored document could contain. */
export function parseDocument(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return findUnstorable(value, 1).length === 0 ? value : undefined
  } catch {
    return undefined
  }
}
