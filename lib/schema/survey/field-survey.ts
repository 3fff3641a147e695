// What a change does to the values of one field: counted value by value, with a few examples. Pure; its memory does not grow
// with the records.
import { isDeepStrictEqual } from 'node:util'
import type { Violation } from '../../errors/problem.ts'
import type { Field } from '../../fields/field.ts'
import { typeOf } from '../../fields/index.ts'
import { trimmed } from '../../fields/trim.ts'
import type { Lookups } from '../conversion/convert-value.ts'
import type { FieldConversion } from '../conversion/field-conversion.ts'
import { firstOf, violationsOf } from '../conversion/field-fit.ts'
import { type Settled, settleRevived, settleValue } from '../conversion/settle-value.ts'

export interface Failure {
  keyword: string
  message: string
  count: number
  sample: { id: string; value: unknown }[]
}

export interface Sample {
  id: string
  old: unknown
  new: unknown
}

const SAMPLES = 5

/** Kinds of failures that are told apart; the rest is one kind. */
const MOST_FAILURES = 50

/** Values whose verdicts are remembered. */
const REMEMBERED = 10_000

/** Characters of a value in an example. */
const LONGEST_EXAMPLE = 1000

/** How the stored values of a record become that of the field. */
export interface FieldCheck {
  field: Field
  otherwise: string
  /** The keys that it reads: where the value is, and where a rollback finds it as it was. */
  keys: readonly string[]
  settle(values: readonly unknown[], lookups?: Lookups): Outcome
}

/** With all that a value violates, where it is more than its misfit says. */
export type Outcome = Settled & { violations?: readonly Violation[] }

export function conversionCheck(conversion: FieldConversion): FieldCheck {
  const { from, to, options, revives } = conversion
  return {
    field: to,
    otherwise: options.otherwise ?? 'refuse',
    keys: revives ? [from.key, to.key] : [from.key],
    settle: ([value, kept], lookups) =>
      revives ? settleRevived(kept, value, conversion, lookups) : settleValue(value, conversion, lookups),
  }
}

/** The check of a field whose values stay where they are. @param backfill whether records without a value get the default */
export function inPlaceCheck(field: Field, backfill: boolean): FieldCheck {
  const fallback = field.required || backfill ? field.default : undefined
  return {
    field,
    otherwise: 'refuse',
    keys: [field.key],
    settle: ([stored]) => {
      const value = trimmed(field, stored ?? fallback)
      if (value == null)
        return field.required
          ? { value, misfit: { keyword: 'required', message: 'is required' }, refused: true }
          : { value }
      const violations = violationsOf(value, field)
      const misfit = firstOf(violations)
      if (misfit !== undefined) return { value, misfit, refused: true, violations }
      const normal = typeOf(field.type).normalize?.(value, field) ?? value
      return { value: isDeepStrictEqual(normal, stored) ? stored : normal }
    },
  }
}

export class FieldSurvey {
  readonly check: FieldCheck
  checked = 0
  failing = 0
  lossy = 0
  /** Records that get, or lose, a value. */
  written = 0
  readonly failures = new Map<string, Failure>()
  readonly samples: Sample[] = []
  #known: Map<unknown, Outcome> | undefined = new Map()
  /** Values found there. */
  #met = 0

  constructor(check: FieldCheck) {
    this.check = check
  }

  /** @param values those under the keys of the check */
  add(id: string, values: readonly unknown[], lookups?: Lookups): Outcome {
    const settled = this.#settle(values, lookups)
    const [old = null] = values
    this.checked += 1
    if (settled.lossy) this.lossy += 1
    if (settled.misfit !== undefined) this.#addFailure(id, old, settled.misfit)
    const isNew = settled.value != null && settled.refused === undefined
    if (isNew && (settled.value !== old || this.check.keys[0] !== this.check.field.key)) this.written += 1
    if (isNew && settled.value !== old && this.samples.length < SAMPLES)
      this.samples.push({ id, old: example(old), new: example(settled.value) })
    return settled
  }

  /** Failures that were counted elsewhere. */
  addFailures(failure: Failure): void {
    this.failing += failure.count
    this.failures.set(failure.keyword, failure)
  }

  #settle(values: readonly unknown[], lookups?: Lookups): Outcome {
    const [value] = values
    // What is looked up, or kept from before, does not follow from the value alone.
    if (values.length > 1 || lookups !== undefined || typeof value === 'object')
      return this.check.settle(values, lookups)
    const known = this.#known?.get(value)
    if (known !== undefined) {
      this.#met += 1
      return known
    }
    const settled = this.check.settle(values)
    this.#remember(value, settled)
    return settled
  }

  /** Values that hardly ever come again are not remembered any more. */
  #remember(value: unknown, settled: Outcome): void {
    if (this.#known === undefined) return
    if (this.#known.size >= REMEMBERED) {
      if (this.#met < REMEMBERED) this.#known = undefined
      else this.#known.clear()
      this.#met = 0
    }
    this.#known?.set(value, settled)
  }

  #addFailure(id: string, value: unknown, { keyword, message }: { keyword: string; message: string }): void {
    this.failing += 1
    const kind = `${keyword} ${message}`
    const isRoom = this.failures.has(kind) || this.failures.size < MOST_FAILURES
    const at = isRoom ? kind : ''
    const failure = this.failures.get(at) ?? {
      keyword: isRoom ? keyword : 'other',
      message: isRoom ? message : 'do not fit for other reasons',
      count: 0,
      sample: [],
    }
    failure.count += 1
    if (failure.sample.length < SAMPLES) failure.sample.push({ id, value: example(value) })
    this.failures.set(at, failure)
  }
}

/** The value, or the beginning of its text when it is long. */
function example(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean' || value == null) return value
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length <= LONGEST_EXAMPLE ? value : `${text.slice(0, LONGEST_EXAMPLE)}...`
}
