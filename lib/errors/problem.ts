// Problems, the refusals that callers receive (RFC 9457), and the factory with which the tables of the catalogue define them.
// Thrown anywhere, rendered by the errors plugin.

/** A violation in a body: a pointer (RFC 6901), the keyword of the rule, a message; `row` in a body of several records. */
export interface Violation {
  pointer: string
  keyword: string
  message: string
  row?: number
}

export interface ProblemExtras {
  errors?: Violation[]
  hint?: string
  /** `details` of PostgREST's error objects, which its clients read. */
  details?: string
  /** The quota of the tenant that is exhausted. */
  quota?: QuotaState
  /** The fresh plan of a change whose plan is outdated. */
  plan?: object
  headers?: Record<string, string>
}

/** The constant part of an error; its code is stable and never reused. */
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

/** An entry of the catalogue: creates the Problem to throw; `kind` documents it. */
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

/** Most violations in a response; a body can have half a million. */
export const MOST_LISTED = 1000

/** Most violations in the detail sentence. */
const MOST_IN_WORDS = 5

/**
 * The detail and the errors of a refusal by violations.
 *
 * @param whole the subject of a violation without a pointer
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

/** A quota in a refusal. */
export interface QuotaState {
  quota: string
  limit: number
  used: number
}
