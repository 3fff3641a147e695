// Rounds decimal numbers as texts, so that no digit is lost on the way. Pure.

export const ROUNDINGS = ['half_even', 'half_up', 'half_down', 'up', 'down', 'floor', 'ceiling'] as const

/** `half_up` and `half_down` decide ties away from and towards zero, `up` and `down` everything. */
export type Rounding = (typeof ROUNDINGS)[number]

interface Digits {
  negative: boolean
  whole: string
  fraction: string
}

const PARTS = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,3}))?$/

/** A number's text without exponent: 1e-7 is 0.0000001. */
export function plainDecimal(text: string): string {
  const { negative, whole, fraction } = digitsOf(text)
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** @param text a number in decimal notation, with or without an exponent */
function digitsOf(text: string): Digits {
  const [, sign, whole = '0', fraction = '', exponent = '0'] = PARTS.exec(text) ?? []
  const power = Number(exponent)
  const all = whole + fraction
  const point = whole.length + power
  const padded =
    point > all.length ? all.padEnd(point, '0') : all.padStart(all.length - Math.min(0, point), '0')
  const at = Math.max(0, point)
  const before = padded.slice(0, at).replace(/^0+(?=[0-9])/, '')
  return { negative: sign === '-', whole: before === '' ? '0' : before, fraction: padded.slice(at) }
}

/** Digits that are not zero after so many places. */
export function hasMoreDigits(text: string, scale: number): boolean {
  return /[1-9]/.test(digitsOf(text).fraction.slice(scale))
}

/** The number with at most so many digits after the point. */
export function roundDecimal(text: string, scale: number, mode: Rounding): string {
  const { negative, whole, fraction } = digitsOf(text)
  const kept = BigInt(whole + fraction.slice(0, scale).padEnd(scale, '0'))
  const rest = fraction.slice(scale)
  const rounded = movesAway(mode, { negative, rest, odd: kept % 2n === 1n }) ? kept + 1n : kept
  const digits = String(rounded).padStart(scale + 1, '0')
  const at = digits.length - scale
  const sign = negative && rounded !== 0n ? '-' : ''
  return `${sign}${digits.slice(0, at)}${scale === 0 ? '' : `.${digits.slice(at)}`}`
}

/** Whether the number goes to the next digit away from zero. */
function movesAway(
  mode: Rounding,
  { negative, rest, odd }: { negative: boolean; rest: string; odd: boolean },
) {
  if (!/[1-9]/.test(rest)) return false
  if (mode === 'up' || mode === 'down') return mode === 'up'
  if (mode === 'floor' || mode === 'ceiling') return (mode === 'floor') === negative
  const first = rest.charAt(0)
  const isTie = first === '5' && !/[1-9]/.test(rest.slice(1))
  if (!isTie) return first >= '5'
  return mode === 'half_even' ? odd : mode === 'half_up'
}
