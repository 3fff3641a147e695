// CSV is read as it was written, however it arrives.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { csvLine } from '../../lib/csv/csv-line.ts'
import { type Cell, CsvReader } from '../../lib/csv/csv-reader.ts'
import { guardFormula, unguardFormula } from '../../lib/csv/formula-guard.ts'

function readAll(text: string, pieces = 1): Cell[][] {
  const reader = new CsvReader(1000)
  const size = Math.max(1, Math.ceil(text.length / pieces))
  const records: Cell[][] = []
  for (let at = 0; at < text.length; at += size) records.push(...reader.read(text.slice(at, at + size)))
  return [...records, ...reader.end()]
}

const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', "'", '=', 'ü', '😀') })

const cell = fc.oneof({ arbitrary: text, weight: 4 }, fc.constantFrom(null, '', 'NULL'))

t.test('what was written is read again, in pieces of any size', async (t) => {
  const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 })
  const end = fc.constantFrom('\n', '\r\n', '\r')
  fc.assert(
    fc.property(table, end, fc.nat({ max: 40 }), fc.boolean(), (records, lineEnd, pieces, closed) => {
      const text = records.map(csvLine).join(lineEnd) + (closed ? lineEnd : '')
      assert.deepEqual(readAll(text, pieces + 1), records)
    }),
    { numRuns: 500 },
  )
  t.pass()
})

const readings: [string, Cell[][]][] = [
  ['', []],
  ['a', [['a']]],
  [
    'a,b\nc,d',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  [
    'a,b\r\nc,d\r\n',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  [
    'a,\n,b',
    [
      ['a', null],
      [null, 'b'],
    ],
  ],
  ['a,', [['a', null]]],
  ['a,""', [['a', '']]],
  ['NULL\n"NULL"', [[null], ['NULL']]],
  ['\n\na\n\n\nb\n\n', [['a'], ['b']]],
  ['""\n', [['']]],
  ['"a""b","c\nd"', [['a"b', 'c\nd']]],
  [' a , b ', [[' a ', ' b ']]],
  ['5" pipe,a"b', [['5" pipe', 'a"b']]],
]

t.test('reads RFC 4180 and its common dialects', async (t) => {
  for (const [text, records] of readings) {
    for (const pieces of [1, 2, 3, 100]) t.strictSame(readAll(text, pieces), records, JSON.stringify(text))
  }
})

t.test('a cell that comes in thousands of pieces is one cell', async (t) => {
  const reader = new CsvReader(1e9)
  reader.read('a\n"')
  for (let n = 0; n < 4000; n++) reader.read('x'.repeat(1000))
  const records = [...reader.read('"\nb\n'), ...reader.end()]
  t.same(
    records.map(([cell]) => cell?.length),
    [4_000_000, 1],
  )
})

t.test('refuses what is no CSV and names the row', async (t) => {
  t.throws(() => readAll('a\n"b"c'), { message: /row 0 has text after a closing quote/ })
  t.throws(() => readAll('"a'), { message: /the header has an unclosed quote/ })
  t.throws(() => new CsvReader(5000).read(`a${','.repeat(2000)}`), { message: /more than 2000 cells/ })
  t.throws(() => readAll(`a\nb\n${'c'.repeat(2000)}\nd`), { message: /row 1 is longer/ })
  t.throws(() => readAll(`a\nb\n${'c'.repeat(2000)}`), { message: /row 1 is longer/ })
})

t.test('a formula goes out as text and comes back as it was', async (t) => {
  for (const text of ['=1+1', '+1', '-1', '@a', "'a", "''", '\t=1', '\r=1', '\n=1'])
    t.equal(guardFormula(text), `'${text}`)
  for (const text of ['', 'a', ' =1', '5-3']) t.equal(guardFormula(text), text)
  for (const text of ["'s-Hertogenbosch", "'a", "'", "' =1"]) t.equal(unguardFormula(text), text)
  fc.assert(fc.property(text, (text) => unguardFormula(guardFormula(text)) === text))
})
