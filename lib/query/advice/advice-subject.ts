// What advice on a query is about: the fields that filters may name, and the spellings that the request takes.
import { Problem } from '../../errors/problem.ts'
import { selectsAll } from './selects-all.ts'
import { plainName, spell } from './spelling.ts'

/** A part of a query, by which a request may be told that it takes none. */
export type Part = 'page' | 'filter' | 'order' | 'select' | 'header'

export interface AdviceSubject {
  /** Names that a filter may use. */
  fields: readonly string[]
  /** Those among them in which a text is searched. */
  searched: readonly string[]
  /** Those that lead to related records. */
  relations: readonly string[]
  /** The operators of a field, or of a path into it. */
  operatorsOf: (parameter: string) => readonly string[]
  defaultLimit: number
  maxLimit: number
  /** Why the request takes no such part; undefined: it does. */
  takesNo?: (part: Part) => string | undefined
}

export interface AdviceContext {
  subject: AdviceSubject
  /** The query string that holds the parameter. */
  search: string
  /** Throws a Problem when the request would be refused with this query string. */
  accept: (search: string) => void
}

/** The first spelling that the request takes, and that does not stand for all records. */
export function firstAccepted(spellings: readonly string[], given: AdviceContext): string | undefined {
  return spellings.find((spelling) => spelling !== '' && isAccepted(spelling, given.accept))
}

/** Whether the spelling may be advised. */
export function isAccepted(spelling: string, accept: AdviceContext['accept']): boolean {
  if (selectsAll(spelling)) return false
  try {
    accept(spelling)
    return true
  } catch (error) {
    if (error instanceof Problem) return false
    throw error
  }
}

const VALUES = ['Ada', '36', '2026-01-31', 'ada@example.org']

/** A filter on a field of the subject, as an example; it matches few records. */
export function exampleFilter(given: AdviceContext): string {
  const spellings = given.subject.fields
    .filter((name) => name !== 'id')
    .slice(0, 5)
    .flatMap((name) => VALUES.map((value) => spell(name, `eq.${value}`)))
  return firstAccepted(spellings, given) ?? 'id=eq.01980000-0000-7000-8000-000000000000'
}

/** The other parameters of the request by their plain names. */
export function othersIn(search: string): Map<string, string> {
  return new Map(
    [...new URLSearchParams(search)].map(([name, value]) => [plainName(name).replace(/[[\]]/g, ''), value]),
  )
}
