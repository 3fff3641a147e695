// Recognizes filters that every record meets, or may meet because the value was not understood. They are never advised: a
// caller who deletes or changes records by them would lose all.
import { isDoubtful } from './doubtful-value.ts'

/** Patterns of nothing but wildcards, no exceptions, everything contained, and null where there is none. */
const OPEN = [
  /=i?like\.(?:[*_]|%25)*$/,
  /=not\.in\.\(\)$/,
  /=cs\.(?:%7B%7D|\{\}|\[\]|%5B%5D)$/i,
  /^(?:id|created_at|updated_at|size|filename|sha256)=(?:not\.is\.null|is\.not_null)$/,
]

/** Whether a filter of the spelling is one that leaves no record out, or whose value is doubtful. */
export function selectsAll(spelling: string): boolean {
  return spelling.split('&').some((part) => OPEN.some((pattern) => pattern.test(part)) || isDoubtful(part))
}
