// Which of the forms that a resource has the client wants (RFC 9110, 12.5.1), as far as records need it: the first of
// its media types that there is, by weight.
import { errors } from '../errors.ts'

/** A media type with the parameters that the client has written beside it. */
export interface MediaType {
  type: string
  parameters: readonly string[]
}

interface Wish extends MediaType {
  weight: number
}

function parseAccept(header: string): Wish[] {
  const wishes = header.split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
    const q = parameters.find((parameter) => parameter.startsWith('q='))
    const weight = q === undefined ? 1 : Number(q.slice(2))
    return { type, parameters, weight: Number.isNaN(weight) ? 0 : weight }
  })
  return wishes.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight)
}

/**
 * The media type to answer with; errors.notAcceptable when there is none that the client takes.
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
