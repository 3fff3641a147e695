// Negotiates the media type of an answer (RFC 9110, 12.5.1), as far as records need it: the first of the client's types, by
// weight, that is offered.
import { errors } from '../errors.ts'

/** A media type with the parameters of the Accept header. */
export interface MediaType {
  type: string
  parameters: readonly string[]
}

interface WeightedType extends MediaType {
  weight: number
}

function parseAccept(header: string): WeightedType[] {
  const types = header.split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
    const q = parameters.find((parameter) => parameter.startsWith('q='))
    const weight = q === undefined ? 1 : Number(q.slice(2))
    return { type, parameters, weight: Number.isNaN(weight) ? 0 : weight }
  })
  return types.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight)
}

/** What a client may name that reads JSON, or anything. */
const READS_JSON = /^(?:application\/(?:[\w.+-]*json|\*)|\*\/\*)$/

/** Whether an Accept header asks for a page for people rather than for JSON. */
export function prefersHtml(header: string | undefined): boolean {
  const isHtml = (type: string) => type === 'text/html' || type === 'application/xhtml+xml'
  const first = parseAccept(header ?? '').find(({ type }) => isHtml(type) || READS_JSON.test(type))
  return first !== undefined && isHtml(first.type)
}

/**
 * The media type to answer with; errors.notAcceptable when the client accepts none.
 *
 * @param offered media types, the usual one first
 */
export function chooseType(header: string | undefined, offered: readonly string[]): MediaType {
  const [usual = ''] = offered
  if (!header || header === '*/*' || header === usual) return { type: usual, parameters: [] }
  for (const { type, parameters } of parseAccept(header)) {
    if (type === '*/*') return { type: usual, parameters }
    const found = offered.find(
      (one) => one === type || (type.endsWith('/*') && one.startsWith(type.slice(0, -1))),
    )
    if (found !== undefined) return { type: found, parameters }
  }
  throw errors.notAcceptable([...offered])
}
