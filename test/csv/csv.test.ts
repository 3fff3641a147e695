// CSV is read as it was written, however it arrives.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { detectDelimiter, namedDelimiter } from '../../lib/csv/csv-delimiter.ts'
import { csvLine } from '../../lib/csv/csv-line.ts'
import { CsvReader, type CsvRecord } from '../../lib/csv/csv-reader.ts'
import type { Cell } from '../../lib/csv/csv-record.ts'
import { guardFormula, unguardFormula } from '../../lib/csv/formula-guard.ts'

const OPTIONS = { delimiter: ',', longest: 1000 }

function readRecords(
  text: string,
  pieces = 1,
  options: ConstructorParameters<typeof CsvReader>[0] = OPTIONS,
) {
  const reader = new CsvReader(options)
  const size = Math.max(1, Math.ceil(text.length / pieces))
  const records: CsvRecord[] = []
  for (let at = 0; at < text.length; at += size) records.push(...reader.read(text.slice(at, at + size)))
  return [...records, ...reader.end()]
}

function readAll(text: string, pieces?: number, options = OPTIONS): Cell[][] {
  return readRecords(text, pieces, options).map(({ cells }) => cells)
}

const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', "'", '=', 'ü', '😀') })

/** A line of nothing but separators is no record; a single null is a word. */
const isMoreThanSeparators = (cells: readonly Cell[]) =>
  cells.length === 1 || cells.some((one) => one !== null)

const cell = fc.oneof({ arbitrary: text, weight: 4 }, fc.constantFrom(null, '', 'NULL'))

t.test('what was written is read again, in pieces of any size', async (t) => {
  const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 })
  const end = fc.constantFrom('\n', '\r\n', '\r')
  fc.assert(
    fc.property(table, end, fc.nat({ max: 40 }), fc.boolean(), (records, lineEnd, pieces, closed) => {
      const text = records.map(csvLine).join(lineEnd) + (closed ? lineEnd : '')
      assert.deepEqual(readAll(text, pieces + 1), records.filter(isMoreThanSeparators))
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

t.test('each record has the number of its line, whatever lies between', async (t) => {
  const text = 'a,b\n\n"x\r\ny\rz\n",1\r\n,\r\nc,"\n"\n\nd,2'
  for (const pieces of [1, 2, 5, 100]) {
    const records = readRecords(text, pieces)
    t.strictSame(
      records.map(({ cells: [first], line }) => [first, line]),
      [
        ['a', 1],
        ['x\r\ny\rz\n', 3],
        ['c', 8],
        ['d', 11],
      ],
      `${pieces} pieces`,
    )
  }
})

t.test('a dialect has another delimiter, and a word for null', async (t) => {
  const dialect = { ...OPTIONS, delimiter: ';', nullWord: '\\N' }
  t.strictSame(readAll('a;b,c\n"x;";\\N\n;\n"\\N";NULL', 1, dialect), [
    ['a', 'b,c'],
    ['x;', null],
    ['\\N', 'NULL'],
  ])
})

t.test('the delimiter is detected', async (t) => {
  const known = new Set(['name', 'age', 'due date'])
  const score = (cells: readonly Cell[]) => cells.filter((cell) => known.has(cell ?? '')).length
  for (const [text, delimiter] of [
    ['name,age\n', ','],
    ['name;age\n', ';'],
    ['name\tage\n', '\t'],
    ['name|age\n', '|'],
    ['name\n', ','],
    [';;\n\nname;age\n', ';'],
    ['"a,b,c,d";name\n', ';'],
    ['"name\n,";age\n', ';'],
    ['x;y;z\n', ';'],
    ['x,y;z\n', ','],
    ['x;y;z,name\n', ','],
  ] as const)
    t.equal(detectDelimiter(text, false, score), delimiter, JSON.stringify(text))
  t.equal(detectDelimiter('name;"age\n', false, score), undefined, 'its header has not arrived')
  t.equal(detectDelimiter('name;age', true, score), ';')
  t.same(namedDelimiter('sep=;\r\na;b'), { delimiter: ';', length: 7 })
  t.equal(namedDelimiter('sep,b'), undefined)
})

t.test('a cell that comes in thousands of pieces is one cell', async (t) => {
  const reader = new CsvReader({ delimiter: ',', longest: 1e9 })
  reader.read('a\n"')
  for (let n = 0; n < 4000; n++) reader.read('x'.repeat(1000))
  const records = [...reader.read('"\nb\n'), ...reader.end()]
  t.same(
    records.map(({ cells: [cell] }) => cell?.length),
    [4_000_000, 1],
  )
})

t.test('refuses what is no CSV and names the row', async (t) => {
  t.throws(() => readAll('a\n"b"c'), { message: /line 2 has text after a closing quote/ })
  t.throws(() => readAll('"a'), { message: /line 1 has an unclosed quote/ })
  t.throws(() => new CsvReader({ ...OPTIONS, longest: 5000 }).read(`a${','.repeat(2000)}`), {
    message: /more than 2000 cells/,
  })
  t.throws(() => readAll(`a\nb\n${'c'.repeat(2000)}\nd`), { message: /line 3 is longer/ })
  t.throws(() => readAll(`a\nb\n${'c'.repeat(2000)}`), { message: /line 3 is longer/ })
})

t.test('a formula goes out as text and comes back as it was', async (t) => {
  for (const text of ['=1+1', '+1', '-1', '@a', "'a", "''", '\t=1', '\r=1', '\n=1'])
    t.equal(guardFormula(text), `'${text}`)
  for (const text of ['', 'a', ' =1', '5-3']) t.equal(guardFormula(text), text)
  for (const text of ["'s-Hertogenbosch", "'a", "'", "' =1"]) t.equal(unguardFormula(text), text)
  fc.assert(fc.property(text, (text) => unguardFormula(guardFormula(text)) === text))
})
