// Names of uploaded files: what clients may send, and what is kept of it.

import fc from 'fast-check'
import t from 'tap'
import { cleanFilename } from '../../lib/files/filename.ts'
import { codePoints } from '../support/code-points.ts'

const scenarios: { claimed: string | undefined; kept: string }[] = [
  { claimed: 'report.pdf', kept: 'report.pdf' },
  { claimed: '../../etc/passwd', kept: 'passwd' },
  { claimed: '..\\..\\windows\\system32\\cmd.exe', kept: 'cmd.exe' },
  { claimed: '/absolute/path/', kept: 'file' },
  { claimed: '..', kept: 'file' },
  { claimed: '.', kept: 'file' },
  { claimed: '', kept: 'file' },
  { claimed: '   ', kept: 'file' },
  { claimed: undefined, kept: 'file' },
  { claimed: '.env', kept: '.env' },
  { claimed: 'a\0b.png', kept: 'ab.png' },
  { claimed: 'x\r\nSet-Cookie: y.txt', kept: 'xSet-Cookie: y.txt' },
  { claimed: 'invoice\u202efdp.exe', kept: 'invoicefdp.exe' },
  { claimed: 'Ångström — 東京 😀.txt', kept: 'Ångström — 東京 😀.txt' },
  { claimed: 'A\u030angstro\u0308m', kept: 'Ångström' },
  { claimed: 'lone\ud800.txt', kept: 'lone\ufffd.txt' },
  { claimed: 'constructor', kept: 'constructor' },
]

for (const { claimed, kept } of scenarios) {
  t.test(`${JSON.stringify(claimed)} is known as ${kept}`, async (t) => {
    t.equal(cleanFilename(claimed), kept)
  })
}

t.test('a very long name keeps its ending', async (t) => {
  const name = cleanFilename(`${'é'.repeat(5000)}.pdf`)
  t.ok(name.endsWith('é.pdf'))
  t.equal(Buffer.byteLength(name), 254)
  t.equal(Buffer.byteLength(cleanFilename('x'.repeat(5000))), 255)
  t.equal(Buffer.byteLength(cleanFilename(`x.${'y'.repeat(5000)}`)), 255)
})

t.test('any text becomes a well-formed name of one part', async (t) => {
  const text = fc.oneof(
    fc.string({ unit: codePoints, maxLength: 600 }),
    fc.string({ unit: 'grapheme', maxLength: 600 }),
    fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 300 })
      .map((codes) => String.fromCharCode(...codes)),
  )
  fc.assert(
    fc.property(text, (claimed) => {
      const name = cleanFilename(claimed)
      t.ok(name.length > 0 && Buffer.byteLength(name) <= 255)
      t.notMatch(name, /[\p{Cc}\p{Surrogate}/\\]/u)
      t.notMatch(name, /^\.{1,2}$/)
      t.equal(cleanFilename(name), name)
    }),
  )
})
