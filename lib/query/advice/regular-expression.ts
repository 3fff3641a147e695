// Converts a simple regular expression, of text, `.`, `.*` and anchors, to a pattern of like.
import { literalPattern } from './spelling.ts'

const PIECE = /\\([^a-zA-Z0-9])|(\.\*|\.\+)|(\.)|([^\\.*+?()[\]{}|^$])/y

/** `a*` for `^a`; undefined for an expression that no pattern of like means. */
export function patternOf(expression: string): string | undefined {
  const [, start, body = '', end] = /^(\^?)(.*?)(\$?)$/s.exec(expression) ?? []
  const inner = piecesOf(body)
  if (inner === undefined) return undefined
  return `${start ? '' : '*'}${inner}${end ? '' : '*'}`.replace(/(?<!\\)\*{2,}/g, '*')
}

function piecesOf(body: string): string | undefined {
  let pattern = ''
  PIECE.lastIndex = 0
  while (PIECE.lastIndex < body.length) {
    const [, escaped, any, one, other] = PIECE.exec(body) ?? []
    if (any !== undefined) pattern += any === '.+' ? '_*' : '*'
    else if (one !== undefined) pattern += '_'
    else if (escaped !== undefined || other !== undefined) pattern += literalPattern(escaped ?? other ?? '')
    else return undefined
  }
  return pattern
}
