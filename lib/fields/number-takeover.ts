// Numbers of one type as numbers of another: exact, or rounded where that is asked for.
import type { Field } from './field.ts'
import type { TakenOver, Takeover } from './field-type.ts'
import { hasMoreDigits, plainDecimal, roundDecimal } from './rounding.ts'

/** The text of a number, a decimal or a boolean; undefined for anything else, texts included. */
export function numberText(value: unknown, { type }: Field): string | undefined {
  if (typeof value === 'number') return plainDecimal(String(value))
  if (typeof value === 'boolean') return value ? '1' : '0'
  return type === 'decimal' ? (value as string) : undefined
}

/** The number with at most so many digits after the point; undefined when it has more and rounding is not asked for. */
export function scaled(
  text: string,
  scale: number,
  { round }: Takeover,
): { text: string; lossy?: true } | undefined {
  if (!hasMoreDigits(text, scale)) return { text: roundDecimal(text, scale, 'down') }
  return round === undefined ? undefined : { text: roundDecimal(text, scale, round), lossy: true }
}

/** As `scaled`, in the type's own form. */
export function takenOver(
  found: { text: string; lossy?: true } | undefined,
  toValue: (text: string) => unknown,
): TakenOver | undefined {
  return found && { value: toValue(found.text), ...(found.lossy ? { lossy: true } : {}) }
}
