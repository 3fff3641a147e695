// The shape of every refusal (RFC 9457 problem details) and how a table of them is written.
// A Problem is thrown anywhere and rendered in one place, the errors plugin.

/** One violation inside a body: where it is (RFC 6901 pointer), which rule, in words; `row` in a bulk body. */
export interface Violation {
  pointer: string
  keyword: string
  message: string
  row?: number
}

export interface ProblemExtras {
  errors?: Violation[]
  hint?: string
  /** What PostgREST's clients read beside the message. */
  details?: string
  /** Which quota of the tenant is used up. */
  quota?: QuotaState
  headers?: Record<string, string>
}

/** What one kind of error fixes for ever: its code is stable and never reused. */
export interface ProblemKind {
  readonly status: number
  readonly code: string
  readonly title: string
}

export class Problem extends Error {
  readonly kind: ProblemKind
  readonly extras: ProblemExtras

  constructor(kind: ProblemKind, detail: string, extras: ProblemExtras = {}) {
    super(detail)
    this.name = 'Problem'
    this.kind = kind
    this.extras = extras
  }
}

type Build<A extends unknown[]> = (...args: A) => string | (ProblemExtras & { detail: string })

/** A row of an error table: call it for the Problem to throw, read its kind for the catalogue. */
export type ProblemFactory<A extends unknown[] = never[]> = ((...args: A) => Problem) & { kind: ProblemKind }

/**
 * Defines one error of the catalogue.
 *
 * @param kind status, stable snake_case code and title
 * @param build the detail sentence, or the sentence with extras, from the factory's arguments
 */
export function problem<A extends unknown[]>(kind: ProblemKind, build: Build<A>): ProblemFactory<A> {
  const create = (...args: A): Problem => {
    const built = build(...args)
    return typeof built === 'string' ? new Problem(kind, built) : new Problem(kind, built.detail, built)
  }
  return Object.assign(create, { kind })
}

/** As many violations as an answer lists; a body can hold half a million. */
export const MOST_LISTED = 1000

/** As many as make a readable sentence. */
const MOST_IN_WORDS = 5

/**
 * The detail and errors of a refusal that consists of violations.
 *
 * @param whole what a violation without a pointer is about
 */
export function violated(
  violations: readonly Violation[],
  whole = 'body',
): ProblemExtras & { detail: string } {
  const words = violations.slice(0, MOST_IN_WORDS).map((violation) => inWords(violation, whole))
  const errors = violations.slice(0, MOST_LISTED)
  const message = `has more violations; these are the first ${MOST_LISTED}`
  if (violations.length > MOST_LISTED) errors.push({ pointer: '', keyword: 'too_many', message })
  return { detail: words.join('; ') + (violations.length > words.length ? '; and more' : ''), errors }
}

function inWords({ pointer, message, row }: Violation, whole: string): string {
  return `${row === undefined ? '' : `row ${row}: `}${pointer || whole} ${message}`
}

/** What a refusal tells of a quota. */
export interface QuotaState {
  quota: string
  limit: number
  used: number
}
