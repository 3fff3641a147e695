// Asserts what an uploaded file is taken for and how it is served.
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { upload } from './app.ts'

export interface Sniffed {
  what: string
  filename: string
  content: Buffer | string
  /** The media type, and as it is served. */
  type: string
  served?: string
}

const SHOWN = /^(?:text\/plain|application\/pdf|audio\/.*)$/

/** Uploads the file and gets it back. */
export async function assertSniffed(
  t: Test,
  { app, admin }: { app: FastifyInstance; admin: string },
  { filename, content, type, served = type }: Sniffed,
): Promise<void> {
  const file = await upload(app, admin, { filename, content, type: 'application/octet-stream' })
  t.equal(file.content_type, type)
  const answer = await app.inject({ url: file.url, headers: { authorization: `Bearer ${admin}` } })
  t.equal(answer.headers['content-type'], served)
  t.equal(answer.headers['x-content-type-options'], 'nosniff')
  t.match(answer.headers['content-disposition'], SHOWN.test(type) ? /^inline/ : /^attachment/)
  t.ok(answer.rawPayload.equals(Buffer.from(content)))
}
