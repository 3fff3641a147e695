// Servers and requests for the tests of files: each server has a storage of its own, which can be looked into.

import { readdir } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import type { Settings } from '../../../lib/config.ts'
import { ADMIN, signIn, startWithAdmin } from '../app.ts'

export const BOUNDARY = 'x-boundary-of-the-test'

export interface Part {
  name?: string
  filename?: string
  type?: string
  content: string | Buffer
}

/** A multipart body; nothing is escaped, so that it can be as hostile as need be. */
export function multipart(...parts: Part[]): Buffer {
  const chunks = parts.flatMap(({ name = 'file', filename, type, content }) => [
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"`),
    Buffer.from(filename === undefined ? '' : `; filename="${filename}"`),
    Buffer.from(type === undefined ? '\r\n\r\n' : `\r\nContent-Type: ${type}\r\n\r\n`),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ])
  return Buffer.concat([...chunks, Buffer.from(`--${BOUNDARY}--\r\n`)])
}

export const MULTIPART = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }

/** Sends a prepared body to the upload route. */
export function send(app: FastifyInstance, token: string, payload: Buffer, headers: object = MULTIPART) {
  return app.inject({
    method: 'POST',
    url: '/files/upload',
    headers: { authorization: `Bearer ${token}`, ...headers },
    payload,
  })
}

export interface FileJson {
  id: string
  url: string
  filename: string
  content_type: string
  size: number
  sha256: string
  created_at: string
}

/** Uploads a file; its metadata. */
export async function upload(app: FastifyInstance, token: string, part: Part): Promise<FileJson> {
  const answer = await send(app, token, multipart({ filename: 'a.txt', ...part }))
  if (answer.statusCode !== 201) throw new Error(answer.body)
  return answer.json()
}

export async function startFiles(t: Test, settings: Partial<Settings> = {}) {
  const storage = t.testdir()
  const { app, database } = await startWithAdmin(t, { FILE_STORAGE_PATH: storage, ...settings })
  const { access_token: admin } = await signIn(app, ADMIN.username, ADMIN.password)
  return { app, database, storage, admin }
}

/** Every file below a directory. */
export async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
}
