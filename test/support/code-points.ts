// Any character of Unicode, as fast-check's unit `binary`, whose table of all of them takes a second or two to build.
import fc from 'fast-check'

function toCodePoint(text: unknown): number {
  const point = typeof text === 'string' ? text.codePointAt(0) : undefined
  if (point === undefined || String.fromCodePoint(point) !== text) throw new Error('not one code point')
  return point
}

/** For `fc.string({ unit: codePoints })`; no halves of surrogate pairs. */
export const codePoints = fc
  .oneof(
    { weight: 27, arbitrary: fc.integer({ min: 0, max: 0xd7ff }) },
    { weight: 528, arbitrary: fc.integer({ min: 0xe000, max: 0x10ffff }) },
  )
  .map((point) => String.fromCodePoint(point), toCodePoint)
