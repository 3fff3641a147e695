// What uploaded texts and sounds are, in whatever encoding, and how they are served.
import t from 'tap'
import { startFiles } from '../support/files/app.ts'
import { assertSniffed, type Sniffed } from '../support/files/sniffed.ts'

const be = (text: string) => Buffer.from(text, 'utf16le').swap16()

const le = (text: string) => Buffer.from(text, 'utf16le')

const hex = (bytes: string) => Buffer.from(bytes, 'hex')

function utf32(text: string): Buffer {
  return Buffer.concat(
    [...text].map((char) => Buffer.from(new Uint32Array([char.codePointAt(0) as number]).buffer)),
  )
}

const texts: Sniffed[] = [
  { what: 'UTF-16LE with a mark', content: le('\ufeffname\tage\r\nÄda\t3\r\n'), served: 'utf-16le' },
  { what: 'UTF-16BE with a mark', content: be('\ufeffname\tage\r\nÄda\t3\r\n'), served: 'utf-16be' },
  { what: 'UTF-16LE of one letter', content: le('\ufeffa'), served: 'utf-16le' },
  { what: 'UTF-16 of nothing but a mark', content: le('\ufeff'), served: 'utf-16le' },
  { what: 'UTF-16 Japanese', content: le('\ufeff東京都\r\n'), served: 'utf-16le' },
  { what: 'UTF-16 with an emoji', content: le('\ufeffhi 😀'), served: 'utf-16le' },
  { what: 'UTF-16LE without a mark', content: le('Hello, Wörld\r\n'), served: 'utf-16le' },
  { what: 'UTF-16BE without a mark', content: be('Hello, Wörld\r\n'), served: 'utf-16be' },
  {
    what: 'UTF-16LE Cyrillic without a mark',
    content: le('Привет, мир\r\nкак дела\r\n'),
    served: 'utf-16le',
  },
  {
    what: 'UTF-16 with half a character more',
    content: Buffer.concat([le('\ufeffabc'), Buffer.from('\n')]),
    served: 'utf-16le',
  },
  { what: 'UTF-32', content: utf32('\ufeffhello'), served: 'utf-32le' },
  { what: 'large UTF-16', content: le(`\ufeff${'äbc\t1\r\n'.repeat(30_000)}`), served: 'utf-16le' },
  {
    what: 'Windows-1252',
    content: Buffer.from('caf\xe9 costs 3 \x80 \x96 \x93good\x94\r\n', 'latin1'),
    served: 'windows-1252',
  },
  { what: 'Latin-1', content: Buffer.from('Se\xf1or M\xfcller\n', 'latin1'), served: 'windows-1252' },
  { what: 'one accented letter', content: Buffer.from('\xe9t\xe9', 'latin1'), served: 'windows-1252' },
  {
    what: 'a Latin-1 text like a bitmap',
    content: Buffer.from('BM is caf\xe9 talk, is it not', 'latin1'),
    served: 'windows-1252',
  },
  {
    what: 'Windows-1251',
    content: Buffer.from('\xcf\xf0\xe8\xe2\xe5\xf2 '.repeat(20), 'latin1'),
    served: '',
  },
  { what: 'a short text in Windows-1251', content: hex('cff0e8e2e5f220ece8f00a'), served: '' },
  { what: 'a word in Shift_JIS', content: hex('93fa967b8cea0a'), served: '' },
  { what: 'a sentence in Shift_JIS', content: hex('82b182f182c982bf82cd90a28a450a'), served: '' },
  { what: 'capitals beyond ASCII', content: hex('c4d6dcdf'), served: '' },
  { what: 'one letter beyond ASCII', content: hex('e9'), served: 'windows-1252' },
  { what: 'two bytes like a sound', content: hex('fff3'), served: 'windows-1252' },
  { what: 'a quoted word', content: hex('93e973e994'), served: 'windows-1252' },
  { what: 'UTF-8', content: 'Grüße', served: 'utf-8' },
  { what: 'UTF-8 with a mark', content: '\ufeffGrüße', served: 'utf-8' },
].map(({ served, ...rest }) => ({
  ...rest,
  filename: 'a.txt',
  type: 'text/plain',
  served: served === '' ? 'text/plain' : `text/plain; charset=${served}`,
}))

const kinds: Sniffed[] = [
  {
    what: 'CSV in UTF-16',
    filename: 'a.csv',
    content: le('\ufeffa\tb\n'),
    type: 'text/csv',
    served: 'text/csv; charset=utf-16le',
  },
  {
    what: 'CSV in Windows-1252',
    filename: 'a.csv',
    content: Buffer.from('a;\xe9\n', 'latin1'),
    type: 'text/csv',
    served: 'text/csv; charset=windows-1252',
  },
  {
    what: 'HTML in UTF-16',
    filename: 'a.txt',
    content: le('\ufeff<html><script>alert(1)</script>'),
    type: 'text/html',
    served: 'text/html; charset=utf-16le',
  },
  {
    what: 'HTML in UTF-16 without a mark',
    filename: 'a.txt',
    content: be('<script>alert(1)</script>'),
    type: 'text/html',
    served: 'text/html; charset=utf-16be',
  },
  {
    what: 'HTML in Latin-1',
    filename: 'a.txt',
    content: Buffer.from('<p>caf\xe9</p>', 'latin1'),
    type: 'text/html',
    served: 'text/html; charset=windows-1252',
  },
  {
    what: 'SVG in UTF-16',
    filename: 'a.svg',
    content: le('\ufeff<svg xmlns="http://www.w3.org/2000/svg"/>'),
    type: 'image/svg+xml',
    served: 'image/svg+xml; charset=utf-16le',
  },
  {
    what: 'JSON in UTF-16',
    filename: 'a.json',
    content: le('\ufeff{"a": 1}'),
    type: 'application/json',
    served: 'application/json; charset=utf-16le',
  },
  {
    what: 'JSON',
    filename: 'a.json',
    content: '{"a": 1}',
    type: 'application/json',
    served: 'application/json',
  },
  {
    what: 'Markdown',
    filename: 'a.md',
    content: '# Grüße',
    type: 'text/markdown',
    served: 'text/markdown; charset=utf-8',
  },
  {
    what: 'a PDF with Latin-1 text',
    filename: 'a.txt',
    content: Buffer.from('%PDF-1.4\n(caf\xe9)\n', 'latin1'),
    type: 'application/pdf',
    served: 'application/pdf',
  },
  {
    what: 'noise after a UTF-16 mark',
    filename: 'a.mp3',
    content: Buffer.from('fffe010002000300', 'hex'),
    type: 'application/octet-stream',
  },
  {
    what: 'bytes with the first of a frame',
    filename: 'a.mp3',
    content: Buffer.from('fff3ffffffffffff0000', 'hex'),
    type: 'application/octet-stream',
  },
  {
    what: 'frames of MP3',
    filename: 'a',
    content: Buffer.concat([1, 2, 3].map(() => Buffer.from('fffb9044'.padEnd(834, '0'), 'hex'))),
    type: 'audio/mpeg',
  },
  {
    what: 'one frame of AAC',
    filename: 'a',
    content: Buffer.from('fff150800bfffc'.padEnd(190, '0'), 'hex'),
    type: 'audio/aac',
  },
  {
    what: 'bytes without a letter',
    filename: 'a.txt',
    content: Buffer.from('deadbeef', 'hex'),
    type: 'application/octet-stream',
  },
]

t.test('texts and sounds', async (t) => {
  const server = await startFiles(t)
  for (const scenario of [...texts, ...kinds])
    t.test(`${scenario.what} is ${scenario.type}`, (t) => assertSniffed(t, server, scenario))
})
