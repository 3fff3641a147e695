// Refuses bodies with a Content-Encoding: none is decoded here, and a compressed body read as text would be refused for the
// wrong reason.
import type { IncomingHttpHeaders } from 'node:http'
import { errors } from '../errors.ts'

/** errors.unsupportedMediaType when the body is encoded. */
export function requirePlain(headers: IncomingHttpHeaders): void {
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    throw errors.unsupportedMediaType(`The body came packed (${encoding.slice(0, 40)}); send it as it is.`)
}
