// GET and HEAD of a file's bytes: headers, ranges, conditions, and what a browser would make of hostile content.

import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parse as parseDisposition } from 'content-disposition'
import t from 'tap'
import { type FileJson, startFiles, upload } from '../support/files/app.ts'

const content = 'The quick brown fox jumps over the lazy dog.'

const size = content.length

t.test('the bytes of a file', async (t) => {
  const { app, storage, admin } = await startFiles(t)
  const get = (file: FileJson, headers: object = {}, method: 'GET' | 'HEAD' = 'GET') =>
    app.inject({ method, url: file.url, headers: { authorization: `Bearer ${admin}`, ...headers } })
  const fox = await upload(app, admin, { filename: 'fox.txt', content })
  const etag = `"${fox.sha256}"`
  const lastModified = new Date(fox.created_at).toUTCString()

  t.test('come whole, with everything a cache and a browser must know', async (t) => {
    const answer = await get(fox)
    t.equal(answer.statusCode, 200)
    t.equal(answer.body, content)
    t.match(answer.headers, {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': String(size),
      'content-disposition': 'inline; filename="fox.txt"',
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-cache',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'last-modified': lastModified,
      vary: /Authorization/,
      etag,
    })
  })

  t.test('HEAD says the same without them', async (t) => {
    const [whole, head] = [await get(fox), await get(fox, { range: 'bytes=0-1' }, 'HEAD')]
    t.equal(head.statusCode, 200)
    t.equal(head.body, '')
    const { date: _1, ...expected } = whole.headers
    const { date: _2, ...found } = head.headers
    t.same(found, expected)
  })

  const ranges: { headers: object; status: number; body?: string; range?: string }[] = [
    { headers: { range: 'bytes=4-8' }, status: 206, body: 'quick', range: `bytes 4-8/${size}` },
    {
      headers: { range: 'bytes=-4' },
      status: 206,
      body: 'dog.',
      range: `bytes ${size - 4}-${size - 1}/${size}`,
    },
    { headers: { range: 'bytes=40-' }, status: 206, body: 'dog.', range: `bytes 40-43/${size}` },
    { headers: { range: 'bytes=0-0' }, status: 206, body: 'T', range: `bytes 0-0/${size}` },
    { headers: { range: 'bytes=0-9999' }, status: 206, body: content, range: `bytes 0-43/${size}` },
    { headers: { range: 'bytes=0-1,5-6' }, status: 200, body: content },
    { headers: { range: 'lines=1-2' }, status: 200, body: content },
    { headers: { range: 'bytes=0-2', 'if-range': etag }, status: 206, body: 'The' },
    { headers: { range: 'bytes=0-2', 'if-range': lastModified }, status: 206, body: 'The' },
    { headers: { range: 'bytes=0-2', 'if-range': '"other"' }, status: 200, body: content },
    { headers: { range: `bytes=${size}-` }, status: 416, range: `bytes */${size}` },
    { headers: { range: 'bytes=-0' }, status: 416, range: `bytes */${size}` },
  ]
  for (const { headers, status, body, range } of ranges) {
    t.test(`${JSON.stringify(headers)} answers ${status}`, async (t) => {
      const answer = await get(fox, headers)
      t.equal(answer.statusCode, status)
      t.equal(answer.headers['content-range'], range ?? answer.headers['content-range'])
      if (body !== undefined) t.equal(answer.body, body)
      t.equal(Number(answer.headers['content-length']), Buffer.byteLength(answer.body))
      if (status === 416) t.match(answer.json(), { code: 'range_not_satisfiable' })
    })
  }

  const conditions: { headers: object; status: number }[] = [
    { headers: { 'if-none-match': etag }, status: 304 },
    { headers: { 'if-none-match': `"x", W/${etag}` }, status: 304 },
    { headers: { 'if-none-match': '*' }, status: 304 },
    { headers: { 'if-none-match': etag, 'cache-control': 'no-cache' }, status: 304 },
    { headers: { 'if-none-match': etag, range: 'bytes=0-1' }, status: 304 },
    { headers: { 'if-modified-since': lastModified }, status: 304 },
    { headers: { 'if-none-match': '"x"', 'if-modified-since': lastModified }, status: 200 },
    { headers: { 'if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' }, status: 200 },
    { headers: { 'if-none-match': 'garbage' }, status: 200 },
    { headers: { 'if-match': `"x", ${etag}` }, status: 200 },
    { headers: { 'if-match': `W/${etag}` }, status: 200 },
    { headers: { 'if-match': etag.replace(/"$/, '-gzip"') }, status: 200 },
    { headers: { 'if-none-match': etag.replace(/"$/, '-br"') }, status: 304 },
    { headers: { 'if-match': '*' }, status: 200 },
  ]
  for (const { headers, status } of conditions) {
    t.test(`${JSON.stringify(headers)} answers ${status}`, async (t) => {
      for (const method of ['GET', 'HEAD'] as const) {
        const answer = await get(fox, headers, method)
        t.equal(answer.statusCode, status)
        t.equal(answer.headers.etag, etag)
        if (status === 304) t.equal(answer.body, '')
      }
    })
  }

  for (const tag of ['"x"', 'W/"x"']) {
    t.test(`If-Match: ${tag} is not met`, async (t) => {
      for (const method of ['GET', 'HEAD'] as const)
        t.equal((await get(fox, { 'if-match': tag }, method)).statusCode, 412)
      const headers = { authorization: `Bearer ${admin}`, 'if-match': tag }
      const answer = await app.inject({ method: 'DELETE', url: `/files/${fox.id}`, headers })
      t.match(answer.json(), { status: 412, code: 'precondition_failed' })
      t.equal((await get(fox)).statusCode, 200, 'it is still there')
    })
  }

  const svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
  const kinds: { filename: string; type: string; content: string | Buffer; shown: boolean; is: string }[] = [
    { filename: 'a.svg', type: 'image/svg+xml', content: svg, shown: false, is: 'image/svg+xml' },
    { filename: 'a.png', type: 'image/png', content: svg, shown: false, is: 'image/svg+xml' },
    {
      filename: 'a.png',
      type: 'image/png',
      content: '<script>alert(1)</script>',
      shown: false,
      is: 'text/html',
    },
    {
      filename: 'a.xml',
      type: 'text/xml',
      content: '<?xml version="1.0"?><a/>',
      shown: false,
      is: 'application/xml',
    },
    { filename: 'a.json', type: 'application/json', content: '{}', shown: false, is: 'application/json' },
    { filename: 'a.csv', type: 'text/csv', content: 'a,b', shown: false, is: 'text/csv' },
    {
      filename: 'a',
      type: 'image/png',
      content: Buffer.from([0, 1, 2]),
      shown: false,
      is: 'application/octet-stream',
    },
    {
      filename: 'a.html',
      type: 'text/html',
      content: Buffer.from('PK\x03\x04'),
      shown: false,
      is: 'application/zip',
    },
    { filename: 'a.html', type: 'text/html', content: 'just text', shown: true, is: 'text/plain' },
    { filename: 'a.html', type: 'text/html', content: '%PDF-1.4\n', shown: true, is: 'application/pdf' },
    {
      filename: 'a.gif',
      type: 'text/html',
      content: Buffer.from('GIF89a\x01\0\x01\0', 'latin1'),
      shown: true,
      is: 'image/gif',
    },
    {
      filename: 'a.mp3',
      type: 'x/y',
      content: Buffer.from('49443304000000000000fffb90640000', 'hex'),
      shown: true,
      is: 'audio/mpeg',
    },
  ]
  for (const { filename, type, content, shown, is } of kinds) {
    t.test(
      `${is} that calls itself ${filename}, ${type} is ${shown ? 'shown' : 'offered for download'}`,
      async (t) => {
        const file = await upload(app, admin, { filename, type, content })
        t.equal(file.content_type, is)
        const answer = await get(file)
        t.equal(answer.headers['content-type']?.toString().split(';')[0], is)
        t.equal(
          answer.headers['content-disposition']?.toString().split(';')[0],
          shown ? 'inline' : 'attachment',
        )
        t.equal(answer.headers['x-content-type-options'], 'nosniff')
        t.match(answer.headers['content-security-policy'], /sandbox/)
      },
    )
  }

  t.test('a name in any script, with quotes and line ends, stays inside its header', async (t) => {
    const file = await upload(app, admin, { filename: '東京 %22x%22;\r\n é.txt', content: 'x' })
    const header = String((await get(file)).headers['content-disposition'])
    t.match(
      header,
      /^inline; filename="[^"\r\n]*(\\"[^"\r\n]*)*"; filename\*=UTF-8''[A-Za-z0-9%.!#$&+^_`|~-]+$/,
    )
    const [, encoded = ''] = /filename\*=UTF-8''(.*)$/.exec(header) ?? []
    t.equal(decodeURIComponent(encoded), file.filename)
  })

  for (const filename of [
    'x"; filename=evil.html',
    'a; filename=b.txt',
    "x\"; filename*=UTF-8''evil.html",
    '"',
    'plain.txt',
  ])
    t.test(`${filename} is one name`, async (t) => {
      const file = await upload(app, admin, { filename: filename.replaceAll('"', '\\"'), content: 'x' })
      t.equal(file.filename, filename)
      const { parameters } = parseDisposition(String((await get(file)).headers['content-disposition']))
      t.equal(parameters.filename, filename)
    })

  t.test('the empty file has no bytes and no ranges', async (t) => {
    const empty = await upload(app, admin, { content: '' })
    const whole = await get(empty)
    t.equal(whole.statusCode, 200)
    t.equal(whole.headers['content-length'], '0')
    t.equal((await get(empty, { range: 'bytes=0-' })).statusCode, 416)
    t.equal((await get(empty, {}, 'HEAD')).headers['content-length'], '0')
  })

  t.test('ranges of a large file are exact', async (t) => {
    const bytes = randomBytes(3_000_000)
    const file = await upload(app, admin, { filename: 'x', content: bytes })
    for (const [start, end] of [
      [0, 65_535],
      [65_535, 65_536],
      [1_234_567, 2_345_678],
      [2_999_999, 2_999_999],
    ] as const) {
      const answer = await get(file, { range: `bytes=${start}-${end}` })
      t.ok(answer.rawPayload.equals(bytes.subarray(start, end + 1)))
    }
    t.ok((await get(file)).rawPayload.equals(bytes))
  })

  t.test('bytes that the storage has lost are a 404, not a failure', async (t) => {
    const file = await upload(app, admin, { content: 'x' })
    const tenant = await app.directory.tenantByName('default')
    await rm(join(storage, tenant?.id ?? '', file.id.slice(-2), file.id))
    t.equal((await get(file)).statusCode, 404)
  })
})
