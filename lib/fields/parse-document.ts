// Parses the JSON value of a filter on documents (`meta=cs.{"a":1}`); undefined for a text that cannot be compared.
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
