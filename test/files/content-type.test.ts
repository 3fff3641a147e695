// Sniffing: real beginnings of files under honest and lying names.

import fc from 'fast-check'
import t from 'tap'
import { HEAD_BYTES, sniffContentType } from '../../lib/files/content-type.ts'
import type { Claim } from '../../lib/files/text-type.ts'

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** The type of a file that begins so and, unless complete, goes on. */
async function typeOf(head: Buffer, complete: boolean, claim: Claim): Promise<string> {
  const size = complete ? head.length : head.length * 2
  const readRange = async (start: number, end: number) => Buffer.alloc(end - start + 1)
  return (await sniffContentType({ head, size, readRange }, claim)).type
}

const liar = { filename: 'photo.png', contentType: 'image/png' }

const silent = { filename: 'file', contentType: 'application/octet-stream' }

function zip(name: string): Buffer {
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(name.length, 26)
  return Buffer.concat([header, Buffer.from(name)])
}

const scenarios: { what: string; bytes: Buffer | string; claim?: typeof liar; type: string }[] = [
  { what: 'PNG', bytes: PNG, type: 'image/png' },
  {
    what: 'PNG called text',
    bytes: PNG,
    claim: { filename: 'a.txt', contentType: 'text/plain' },
    type: 'image/png',
  },
  { what: 'JPEG', bytes: Buffer.from('ffd8ffe000104a46494600010100', 'hex'), type: 'image/jpeg' },
  { what: 'GIF', bytes: Buffer.from('GIF89a\x01\0\x01\0\x80\0\0', 'latin1'), type: 'image/gif' },
  { what: 'PDF', bytes: '%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF', type: 'application/pdf' },
  { what: 'PDF called a picture', bytes: '%PDF-1.7\n', claim: liar, type: 'application/pdf' },
  {
    what: 'WebM',
    bytes: Buffer.from('1a45dfa39f4286810142f7810142f2810442f381084282847765626d', 'hex'),
    type: 'video/webm',
  },
  {
    what: 'MP4',
    bytes: Buffer.from('000000206674797069736f6d0000020069736f6d69736f32', 'hex'),
    type: 'video/mp4',
  },
  {
    what: 'Ogg Opus',
    bytes: Buffer.from(`OggS\0\x02${'\0'.repeat(20)}\x01\x13OpusHead\x01`, 'latin1'),
    type: 'audio/ogg',
  },
  { what: 'broken zip', bytes: zip('a.bin'), type: 'application/zip' },
  {
    what: 'program',
    bytes: Buffer.from('MZ\x90\0\x03\0\0\0', 'latin1'),
    claim: liar,
    type: 'application/x-msdownload',
  },
  {
    what: 'noise',
    bytes: Buffer.from([0, 1, 2, 3, 0xff, 0xfe]),
    claim: liar,
    type: 'application/octet-stream',
  },
  {
    what: 'Latin-1',
    bytes: Buffer.from('caf\xe9', 'latin1'),
    claim: silent,
    type: 'text/plain',
  },
  { what: 'nothing', bytes: '', type: 'text/plain' },
  { what: 'text', bytes: 'hello\n', type: 'text/plain' },
  { what: 'text called a picture', bytes: 'hello\n', claim: liar, type: 'text/plain' },
  { what: 'text that begins like a bitmap', bytes: 'BMW is a car', claim: liar, type: 'text/plain' },
  { what: 'text that begins like a program', bytes: 'MZ is a genre', type: 'text/plain' },
  { what: 'text that begins like a GIF', bytes: 'GIF is a format', type: 'text/plain' },
  {
    what: 'CSV by its type',
    bytes: 'a,b\n1,2\n',
    claim: { filename: 'x', contentType: 'text/csv' },
    type: 'text/csv',
  },
  { what: 'CSV by its name', bytes: 'a,b\n1,2\n', claim: { ...silent, filename: 'x.CSV' }, type: 'text/csv' },
  {
    what: 'binary called CSV',
    bytes: Buffer.from([0, 1, 0xff]),
    claim: { filename: 'x.csv', contentType: 'text/csv' },
    type: 'application/octet-stream',
  },
  {
    what: 'JSON',
    bytes: '{"a":1}',
    claim: { filename: 'x.json', contentType: '' },
    type: 'application/json',
  },
  {
    what: 'no JSON',
    bytes: '{"a":',
    claim: { filename: 'x.json', contentType: 'application/json' },
    type: 'text/plain',
  },
  {
    what: 'script',
    bytes: 'alert(1)',
    claim: { filename: 'x.js', contentType: 'text/javascript' },
    type: 'text/plain',
  },
  { what: 'HTML', bytes: '\ufeff \n<!DOCTYPE html><p>hi', type: 'text/html' },
  { what: 'HTML called a picture', bytes: '<script>alert(1)</script>', claim: liar, type: 'text/html' },
  {
    what: 'HTML called CSV',
    bytes: '<html>',
    claim: { filename: 'x.csv', contentType: 'text/csv' },
    type: 'text/html',
  },
  { what: 'SVG', bytes: '<svg xmlns="http://www.w3.org/2000/svg"/>', type: 'image/svg+xml' },
  {
    what: 'SVG after a prolog',
    bytes: '<?xml version="1.0"?>\n<!-- x -->\n<s:svg xmlns:s="x">',
    type: 'image/svg+xml',
  },
  { what: 'SVG called a picture', bytes: '<svg onload="alert(1)">', claim: liar, type: 'image/svg+xml' },
  {
    what: 'SVG called text',
    bytes: '<svg>',
    claim: { filename: 'x.txt', contentType: 'text/plain' },
    type: 'image/svg+xml',
  },
  { what: 'XML', bytes: '<?xml version="1.0"?><note/>', type: 'application/xml' },
  { what: 'a heart', bytes: '<3 you', type: 'text/plain' },
  {
    what: 'the property of a prototype',
    bytes: 'x',
    claim: { filename: 'x.constructor', contentType: 'constructor' },
    type: 'text/plain',
  },
]

for (const { what, bytes, claim = silent, type } of scenarios) {
  t.test(`${what} is ${type}`, async (t) => {
    t.equal(await typeOf(Buffer.from(bytes), true, claim), type)
  })
}

t.test('a character cut at the end of the head leaves it a text', async (t) => {
  const head = Buffer.from('é'.repeat(HEAD_BYTES)).subarray(0, HEAD_BYTES - 1)
  t.equal(await typeOf(head, false, silent), 'text/plain')
  t.equal(await typeOf(head, true, silent), 'application/octet-stream')
})

t.test('a song is one, however large the cover before it', async (t) => {
  const header = Buffer.from('4944330400000010000000'.slice(0, 20), 'hex')
  const head = Buffer.concat([header, Buffer.alloc(HEAD_BYTES - header.length)])
  t.equal(await typeOf(head, false, silent), 'audio/mpeg')
})

t.test('whatever the bytes, the answer is a media type', async (t) => {
  const magic = fc.constantFrom(
    '',
    '%PDF-',
    'PK\x03\x04',
    'RIFF',
    '\x1aE\xdf\xa3',
    'OggS',
    'II*\0',
    '\x1f\x8b\x08',
    'ID3',
  )
  await fc.assert(
    fc.asyncProperty(magic, fc.uint8Array({ maxLength: 300 }), async (start, rest) => {
      const bytes = Buffer.concat([Buffer.from(start, 'latin1'), rest])
      t.match(await typeOf(bytes, true, liar), /^[a-z]+\/[a-z0-9.+-]+$/)
    }),
  )
})
