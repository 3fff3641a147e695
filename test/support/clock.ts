// A clock for tests of what expires: it goes on as time does, and a test may move it ahead.
import type { Clock } from '../../lib/process/clock.ts'

export class MovableClock implements Clock {
  #ahead = 0

  move(milliseconds: number): void {
    this.#ahead += milliseconds
  }

  // Handed on as functions of their own.
  now = () => Date.now() + this.#ahead

  elapsed = () => performance.now() + this.#ahead
}
