// PostgreSQL's text of a timestamptz, in a session with time zone UTC and date style ISO, as the API gives it.

/** `2026-11-22 23:49:38.12+00` -> `2026-11-22T23:49:38.12Z` (RFC 3339). */
export function toIsoTimestamp(text: string): string {
  return `${text.slice(0, 10)}T${text.slice(11, -3)}Z`
}
