// SQL: a timestamp as the API writes it.

/** ISO 8601 in UTC with `Z`, whatever the session's settings; up to microseconds, no trailing zeros. */
export function timestampSql(operand: string): string {
  return `(btrim(to_json(${operand} at time zone 'UTC')::text, '"') || 'Z')`
}
