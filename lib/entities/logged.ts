// Whether and how long the changes of an entity are kept. Pure.
import type { Entity, History } from './entity.ts'

/** Classes of retention, as the log stores them: two days, 30 days, a year, for ever. */
export type Kept = 's' | 'm' | 'y' | 'e'

const BY_KEEP = { '30d': 'm', '1y': 'y', forever: 'e' } as const

const DAY = 24 * 60 * 60 * 1000

/** Milliseconds for which changes of a class are kept; absent: for ever. */
export const KEPT_FOR: Readonly<Partial<Record<Kept, number>>> = { s: 2 * DAY, m: 30 * DAY, y: 365 * DAY }

const classOf = (history: History): Kept => BY_KEEP[history === true ? '1y' : history.keep]

/** The class in which a change of the entity is kept; undefined: nobody asks for them. */
export function keptOf({ history, feed }: Pick<Entity, 'history' | 'feed'>): Kept | undefined {
  if (history !== undefined) return classOf(history)
  return feed ? 's' : undefined
}

/** Whether two definitions keep their history for the same time. */
export function keepsAlike(one: History | undefined, other: History | undefined): boolean {
  return (one && classOf(one)) === (other && classOf(other))
}
