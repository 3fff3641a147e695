// The Vary header: by which request headers an answer may differ.

/** What is said so far, and these names. */
export function withVary(current: unknown, ...names: string[]): string {
  return [...(current === undefined ? [] : [String(current)]), ...names].join(', ')
}
