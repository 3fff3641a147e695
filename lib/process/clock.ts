// The time that things expire by: tokens, keys, counts of a minute. Handed down from the composition root, so that a test
// can move it.

export interface Clock {
  /** The time of day, in milliseconds since 1970. */
  now(): number
  /** Milliseconds since some moment; a correction of the time of day does not change it. */
  elapsed(): number
}

export const systemClock: Clock = {
  now: Date.now,
  elapsed: () => performance.now(),
}
