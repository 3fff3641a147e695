// The Content-Encoding of a body: none is undone here, and a packed body read as text would be refused for what it is not.
import type { IncomingHttpHeaders } from 'node:http'
import { errors } from '../errors.ts'

/** errors.unsupportedMediaType when the body is packed. */
export function requirePlain(headers: IncomingHttpHeaders): void {
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    throw errors.unsupportedMediaType(`The body came packed (${encoding.slice(0, 40)}); send it as it is.`)
}
