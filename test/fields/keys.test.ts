// The order of sort keys is the order of the values they stand for.
import fc from 'fast-check'
import t from 'tap'
import { caseless } from '../../lib/fields/caseless.ts'
import type { Field } from '../../lib/fields/field.ts'
import { typeOf } from '../../lib/fields/index.ts'
import { numberKey } from '../../lib/fields/number-key.ts'
import { fold, isCut, NULL_KEY, textKey } from '../../lib/fields/text-key.ts'
import { codePoints } from '../support/code-points.ts'

/** Collation "C" compares the bytes of UTF-8. */
function compareC(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function field(type: string): Field {
  return { name: 'f', key: 'f', type }
}

/** A decimal as an integer of 10^-60ths. */
function exact(decimal: string): bigint {
  const [whole = '', fraction = ''] = decimal.split('.')
  return BigInt(`${whole}${fraction.padEnd(60, '0')}`.replace('-', '')) * (decimal.startsWith('-') ? -1n : 1n)
}

const digits = (min: number, max: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max }).map((list) => list.join(''))

const decimal = fc.tuple(fc.boolean(), digits(1, 40), digits(0, 60)).map(([minus, whole, fraction]) => {
  const trimmed = whole.replace(/^0+(?=.)/, '')
  return `${minus ? '-' : ''}${trimmed}${fraction === '' ? '' : `.${fraction}`}`
})

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.integer({ min: -1000, max: 1000 }),
  fc.constantFrom(0, -0, 5e-324, -5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 1e21, 1e-7, 2 ** 53 - 1),
)

t.test('number keys order like the numbers, tiny, huge and negative ones included', async () => {
  fc.assert(
    fc.property(number, number, (a, b) => {
      const order = compareC(numberKey(String(a)), numberKey(String(b)))
      return Math.sign(order) === Math.sign(Number(a > b) - Number(a < b))
    }),
    { numRuns: 5000 },
  )
})

t.test('decimal keys order like the exact values, whatever their zeros', async () => {
  const { sortKey, normalize } = typeOf('decimal')
  const key = (text: string) => sortKey?.(normalize?.(text, field('decimal')), field('decimal')) ?? ''
  fc.assert(
    fc.property(decimal, decimal, (a, b) => {
      const [x, y] = [exact(a), exact(b)]
      return Math.sign(compareC(key(a), key(b))) === Number(x > y) - Number(x < y)
    }),
    { numRuns: 5000 },
  )
  t.ok(key('9'.repeat(100)).length < 199, 'a number key is never cut')
})

t.test('integers, floats and decimals of one value have one key', async () => {
  fc.assert(
    fc.property(
      fc.maxSafeInteger(),
      (value) => numberKey(String(value)) === numberKey(value.toExponential()),
    ),
  )
  t.equal(numberKey('1500'), numberKey('1.5e3'))
  t.equal(numberKey('-0.000'), numberKey('0'))
})

const moment = fc
  .date({ min: new Date('0002-01-01T00:00:00Z'), max: new Date('9998-12-31T00:00:00Z'), noInvalidDate: true })
  .chain((date) => fc.constantFrom(0, -840, 90, 1439).map((shift) => ({ date, shift })))

t.test('datetime keys order like the instants, whatever their offsets', async () => {
  const { sortKey, normalize } = typeOf('datetime')
  const send = ({ date, shift }: { date: Date; shift: number }) => {
    const local = new Date(date.getTime() + shift * 60_000).toISOString().slice(0, -1)
    const clock = new Date(Math.abs(shift) * 60_000).toISOString().slice(11, 16)
    return `${local}${shift < 0 ? '-' : '+'}${clock}`
  }
  const stored = (sent: string) => normalize?.(sent, field('datetime')) as string
  fc.assert(
    fc.property(moment, moment, (a, b) => {
      const [x, y] = [stored(send(a)), stored(send(b))]
      const order = compareC(sortKey?.(x, field('datetime')) ?? '', sortKey?.(y, field('datetime')) ?? '')
      return new Date(x).getTime() === a.date.getTime() && Math.sign(order) === Math.sign(+a.date - +b.date)
    }),
    { numRuns: 2000 },
  )
})

/** Texts as they are stored: without U+0000. */
const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.string({ unit: codePoints, maxLength: 30 }),
    fc.string({
      unit: fc.constantFrom(
        'a',
        'A',
        'ä',
        'a\u0308',
        'ß',
        'Σ',
        'ς',
        'İ',
        'ı',
        '\u0301',
        '\u{10ffff}',
        '\u0001',
      ),
    }),
    fc.string({ unit: 'binary-ascii', minLength: 150, maxLength: 300 }),
  )
  .map((one) => one.replaceAll('\0', ''))

t.test('one text key means one text, unless it says that it is cut', async () => {
  fc.assert(
    fc.property(text, text, (a, b) => textKey(a) !== textKey(b) || a === b || isCut(textKey(a))),
    { numRuns: 5000 },
  )
})

t.test('text keys put the folded text first and the text itself second, below the key of unset', async () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      const folded = compareC(fold(a), fold(b))
      const [x, y] = [textKey(a), textKey(b)]
      const clear = !isCut(x) && !isCut(y) && !(a + b).includes('\u0001')
      const expected = folded === 0 ? compareC(a, b) : folded
      return compareC(x, NULL_KEY) < 0 && (!clear || Math.sign(compareC(x, y)) === Math.sign(expected))
    }),
    { numRuns: 5000 },
  )
})

t.test('folding takes case and accents away, in any script and composition', async (t) => {
  const same = [
    ['ÄRGER', 'arger', 'a\u0308rger'],
    ['ΟΔΟΣ', 'οδος', 'οδοσ', 'Οδός'],
    ['Straße', 'STRASSE'],
    ['İ', 'i'],
    ['ﬁ', 'FI'],
    ['Ærø', 'AERO', 'Æro'],
    ['Łódź', 'lodz'],
    ['Đà Nẵng', 'da nang'],
    ['Þórður', 'Thordur'],
    ['œuvre', 'OEUVRE'],
    ['ẞ', 'ss'],
    ['ı', 'I'],
    ['ħŧđ', 'HTD'],
    ['\u1100\u1161', '가'],
  ]
  for (const [first = '', ...others] of same) {
    for (const other of others) t.equal(fold(other), fold(first), `${other} = ${first}`)
  }
  t.not(fold('が'), fold('か'))
  t.notOk(fold('각').includes(fold('가')), 'a syllable is one character')
  t.equal([...fold('한글')].length, 2)
})

t.test('without case, letters are equal that a change of case leads to, and no others', async (t) => {
  for (let code = 0; code < 0x11_0000; code++) {
    if (code >= 0xd800 && code < 0xe000) continue
    const letter = String.fromCodePoint(code)
    const key = caseless(letter)
    const others = [letter.toUpperCase(), letter.toLowerCase(), key]
    const apart = others.find((other) => caseless(other) !== key)
    if (apart !== undefined) t.fail(`${letter} (${code.toString(16)}) and ${apart}`)
  }
  t.equal(caseless('STRA\u1e9eE'), caseless('Strasse'))
  t.equal(caseless('\u03a3\u0391\u03a3'), caseless('\u03c3\u03b1\u03c2'))
  t.not(caseless('\u00e9'), caseless('e'))
})

t.test('a cut key is well-formed and bounded', async (t) => {
  for (const length of [66, 67, 99, 100, 101, 199, 200, 201, 5000]) {
    for (const unit of ['😀', 'a', 'a😀', '\u0301']) {
      const key = textKey(unit.repeat(length))
      t.ok(key.length <= 200 && !/\p{Surrogate}/u.test(key), `${unit} x ${length}`)
    }
  }
})
