// The sort key of a number: sign, exponent and digits as text whose order by code point is the order of the numbers.
// One encoding for integers, floats and decimals. Negative numbers are written in nines' complement.

const ZERO = '1'

/** Exponents become four digits: -5000 is 0000, 4999 is 9999. */
const BIAS = 5000

/** Above every digit: ends a negative number, so that -1.5 comes after -1.51. */
const END = '~'

const PARTS = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,4}))?$/

/** The key of a number written in decimal notation, with or without an exponent. */
export function numberKey(text: string): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] = PARTS.exec(text) ?? []
  const all = whole + fraction
  const leading = all.search(/[1-9]/)
  if (leading === -1) return ZERO
  const digits = trimZeros(all.slice(leading))
  const power = String(whole.length - 1 - leading + Number(exponent) + BIAS).padStart(4, '0')
  return sign === '-' ? `0${complement(power + digits)}${END}` : `2${power}${digits}`
}

/** The digits without the zeros at their end, in time linear in their number. */
export function trimZeros(digits: string): string {
  let end = digits.length
  while (digits.charCodeAt(end - 1) === 48) end -= 1
  return digits.slice(0, end)
}

function complement(digits: string): string {
  let flipped = ''
  for (const digit of digits) flipped += String(9 - Number(digit))
  return flipped
}
