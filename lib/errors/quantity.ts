// Numbers of things in sentences.

/** `1 byte`, `2 bytes`. */
export function quantity(count: unknown, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
