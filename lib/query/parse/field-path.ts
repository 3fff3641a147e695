// Parse: a field with its optional way into a json value, `meta->tags->0->>label`.
import type { FieldPath, JsonStep } from '../ast.ts'
import type { Scanner } from './scanner.ts'

const index = /-?\d{1,9}(?=->|[.,:)\s]|$)/y
// A bare key goes on until something that could end it; "-" is part of it unless it begins an arrow.
const bareKey = /(?:[^\s"()[\]{},.:>-]|-(?!>))+/y

/** Reads `name`, `name->key`, `name->0->>key`. */
export function parseFieldPath(scanner: Scanner): FieldPath {
  const name = scanner.name()
  return { name, path: parseSteps(scanner) }
}

function parseSteps(scanner: Scanner): JsonStep[] {
  const path: JsonStep[] = []
  while (scanner.take('->')) {
    const arrow = scanner.take('>') ? '->>' : '->'
    path.push({ arrow, key: parseKey(scanner) })
    if (arrow === '->>') break
  }
  return path
}

function parseKey(scanner: Scanner): string | number {
  if (scanner.peek('"')) return scanner.quoted()
  const number = scanner.match(index)
  if (number !== undefined) return Number(number)
  return scanner.match(bareKey) ?? scanner.fail('a key')
}
