// Parse: a field with an optional path into its JSON value, `meta->tags->0->>label`.

import { errors } from '../../errors.ts'
import type { FieldPath, JsonStep } from '../ast.ts'
import { MAX_DEPTH } from '../limits.ts'
import type { Scanner } from './scanner.ts'

const index = /-?\d{1,9}(?=->|::|[.,:)\s]|$)/y

// A bare key goes on until something that could end it; "-" is part of it unless it begins an arrow.
const bareKey = /(?:[^\s"(),.:>-]|-(?!>))+/y

/** Reads `name`, `name->key`, `name->0->>key`. */
export function parseFieldPath(scanner: Scanner): FieldPath {
  const name = scanner.name()
  const path: JsonStep[] = []
  let text = false
  while (!text && scanner.take('->')) {
    text = scanner.take('>')
    path.push(parseStep(scanner))
    if (path.length > MAX_DEPTH) throw errors.malformedQuery(`"->" may be used at most ${MAX_DEPTH} times.`)
  }
  return { name, path, text }
}

function parseStep(scanner: Scanner): JsonStep {
  if (scanner.peek('"')) return scanner.quoted()
  const number = scanner.match(index)
  if (number !== undefined) return Number(number)
  return scanner.match(bareKey) ?? scanner.fail('a key')
}
