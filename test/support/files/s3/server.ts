// A small strict S3 server for the tests, in this process: signatures are checked, objects appear when they are whole, lists
// come in small pages. It can be stopped and started again, and told to hang or to fail.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type Bucket, etagOf, Refusal } from './objects.ts'
import { type Account, refusalOf } from './signature.ts'

export const ACCOUNT: Account = {
  accessKeyId: 'key-of-the-tests',
  secretAccessKey: 'secret-of-the-tests',
  region: 'test-1',
}

const PAGE = 3

const PIECE = 65_536

const STATUS: Readonly<Record<string, number>> = {
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchUpload: 404,
  AccessDenied: 403,
  InvalidAccessKeyId: 403,
  SignatureDoesNotMatch: 403,
  InvalidRange: 416,
  SlowDown: 503,
  InternalError: 500,
}

/**
 * What becomes of a request: served; never answered; its connection cut before anything is done, or when all is done but
 * nothing answered; or refused with a code.
 */
export type Fate = 'serve' | 'hang' | 'cut' | 'serve and cut' | { code: string }

interface Call {
  request: IncomingMessage
  response: ServerResponse
  bucket: Bucket
  name: string
  query: URLSearchParams
  body: Buffer
}

/** Pieces that are written as fast as they are read, so that a reader who pauses is seen. */
function* pieces(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE)
}

const tag = (name: string, content: string | number | boolean) => `<${name}>${content}</${name}>`

function xml(response: ServerResponse, root: string, ...content: string[]): void {
  response.setHeader('content-type', 'application/xml')
  response.end(`<?xml version="1.0" encoding="UTF-8"?>${tag(root, content.join(''))}`)
}

export class S3Server {
  readonly buckets = new Map<string, Bucket>()
  /** Method and path of every request. */
  readonly requests: string[] = []
  /** Decides on each request before it is looked at. */
  fate: (request: IncomingMessage) => Fate = () => 'serve'
  /** Answers with the head of an object, and never with its bytes. */
  mute = false
  readonly #sockets = new Set<Socket>()
  readonly #answers = new Set<ServerResponse>()
  #server: Server | undefined
  #port = 0

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Requests that are under way. */
  get busy(): number {
    return this.#answers.size
  }

  /** Bytes that were written to the connections that are open. */
  sent(): number {
    return [...this.#sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0)
  }

  async start(): Promise<void> {
    this.#server = createServer((request, response) => this.#receive(request, response))
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** As if it was killed: what it keeps is there again when it is started. */
  async stop(): Promise<void> {
    const closed = this.#server && once(this.#server, 'close')
    this.#server?.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
    this.#server = undefined
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(`${request.method} ${request.url}`)
    this.#answers.add(response)
    response.once('close', () => this.#answers.delete(response))
    const fate = this.fate(request)
    if (fate === 'hang') return
    if (fate === 'cut') return void request.socket.destroy()
    try {
      if (typeof fate === 'object') throw new Refusal(fate.code)
      if (fate === 'serve and cut') Object.assign(response, { end: () => request.socket.destroy() })
      await this.#serve(request, response)
    } catch (error) {
      if (!(error instanceof Refusal)) return void request.socket.destroy()
      response.statusCode = STATUS[error.message] ?? 400
      xml(response, 'Error', tag('Code', error.message), tag('Message', `It is ${error.message}`))
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request)
    const refusal = refusalOf(request, body, ACCOUNT)
    if (refusal !== undefined) throw new Refusal(refusal)
    const { pathname, searchParams: query } = new URL(request.url ?? '/', this.endpoint)
    const [, bucketName = '', ...rest] = decodeURIComponent(pathname).split('/')
    const bucket = this.buckets.get(bucketName)
    if (bucket === undefined) throw new Refusal('NoSuchBucket')
    if (this.mute) return void response.setHeader('content-length', 1000).flushHeaders()
    const call = { request, response, bucket, name: rest.join('/'), query, body }
    const action = call.name === '' ? onBucket : onObject
    action(call)
  }
}

function onBucket(call: Call): void {
  if (call.request.method !== 'GET') throw new Refusal('MethodNotAllowed')
  if (call.query.has('uploads')) listUploads(call)
  else if (call.query.get('list-type') === '2') listNames(call)
  else throw new Refusal('NotImplemented')
}

function listUploads({ response, bucket, query }: Call): void {
  const prefix = query.get('prefix') ?? ''
  const after = query.get('upload-id-marker') ?? ''
  const all = [...bucket.uploads].filter(([id, { name }]) => name.startsWith(prefix) && id > after).sort()
  const shown = all.slice(0, PAGE)
  const uploads = shown.map(([id, { name }]) => tag('Upload', tag('Key', name) + tag('UploadId', id)))
  const [last, { name: lastName = '' } = {}] = shown.at(-1) ?? []
  const next = tag('NextKeyMarker', lastName) + tag('NextUploadIdMarker', last ?? '')
  xml(response, 'ListMultipartUploadsResult', ...uploads, next, tag('IsTruncated', all.length > PAGE))
}

function listNames({ response, bucket, query }: Call): void {
  const { names, more } = bucket.page(query.get('prefix') ?? '', query.get('continuation-token') ?? '', PAGE)
  const contents = names.map((name) => {
    const modified = bucket.get(name).modified.toISOString()
    return tag('Contents', tag('Key', name) + tag('LastModified', modified))
  })
  const next = more ? tag('NextContinuationToken', names.at(-1) ?? '') : ''
  xml(response, 'ListBucketResult', ...contents, tag('IsTruncated', more), next)
}

function onObject(call: Call): void {
  const { request, query } = call
  const action =
    ACTIONS[
      `${request.method}${query.has('uploads') ? ' uploads' : ''}${query.has('uploadId') ? ' part' : ''}`
    ]
  if (action === undefined) throw new Refusal('MethodNotAllowed')
  action(call, query.get('uploadId') ?? '')
}

const ACTIONS: Readonly<Record<string, (call: Call, uploadId: string) => void>> = {
  PUT({ response, bucket, name, body }) {
    bucket.put(name, body)
    response.setHeader('etag', etagOf(body)).end()
  },
  GET({ request, response, bucket, name }) {
    const { bytes } = bucket.get(name)
    const [, first = 0, last = bytes.length - 1] =
      /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
    if (request.headers.range !== undefined && Number(first) >= bytes.length)
      throw new Refusal('InvalidRange')
    const part = bytes.subarray(Number(first), Number(last) + 1)
    response.statusCode = part.length < bytes.length ? 206 : 200
    response.setHeader('content-length', part.length)
    Readable.from(pieces(part))
      .on('error', () => {})
      .pipe(response)
  },
  DELETE({ response, bucket, name }) {
    bucket.objects.delete(name)
    response.writeHead(204).end()
  },
  'POST uploads'({ response, bucket, name }) {
    xml(response, 'InitiateMultipartUploadResult', tag('UploadId', bucket.begin(name)))
  },
  'PUT part'({ response, bucket, name, query, body }, id) {
    bucket.upload(id, name).parts.set(Number(query.get('partNumber')), body)
    response.setHeader('etag', etagOf(body)).end()
  },
  'POST part'({ response, bucket, name, body }, id) {
    const listed = body.toString().matchAll(/<Part>(.*?)<\/Part>/g)
    const parts = [...listed].map(([, part = '']) => ({
      number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
      etag: (/<ETag>(.*?)</.exec(part)?.[1] ?? '').replaceAll('&quot;', '"'),
    }))
    bucket.complete(id, name, parts)
    xml(response, 'CompleteMultipartUploadResult', tag('Key', name))
  },
  'DELETE part'({ response, bucket, name }, id) {
    bucket.upload(id, name)
    bucket.uploads.delete(id)
    response.writeHead(204).end()
  },
}
