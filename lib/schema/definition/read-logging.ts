// The members `history` and `feed` of a definition: what is logged of its records' changes, and for how long.
import { type History, KEEPS } from '../../entities/entity.ts'
import type { Violation } from '../../errors/problem.ts'
import { violation } from '../../fields/violation.ts'
import { isObject } from './read-field.ts'

type Members = Record<string, unknown>

const HISTORY = `must be true, false, null or an object {"keep": ${KEEPS.map((keep) => `"${keep}"`).join(' | ')}}`

const isSwitch = (value: unknown) => value === undefined || value === null || typeof value === 'boolean'

/** What is wrong with the members; pointers start at the definition. */
export function checkLogging({ history, feed }: Members): Violation[] {
  const found: Violation[] = []
  if (!isSwitch(history) && !isKeep(history)) found.push(violation('type', HISTORY, '/history'))
  if (!isSwitch(feed)) found.push(violation('type', 'must be true, false or null', '/feed'))
  return found
}

function isKeep(value: unknown): boolean {
  if (!isObject(value) || Object.keys(value).some((name) => name !== 'keep')) return false
  return KEEPS.some((keep) => keep === value.keep)
}

/** The valid members; what is off is absent. */
export function readLogging({ history, feed }: Members): { history?: History; feed?: true } {
  return {
    ...(history ? { history: history === true ? true : { keep: (history as { keep: '1y' }).keep } } : {}),
    ...(feed === true ? { feed } : {}),
  }
}
