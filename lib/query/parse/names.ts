// Parse: a list of field names, `on_conflict=a,b` and `columns=a,b:"B of the file"`.
import type { Query } from '../ast.ts'
import { Scanner } from './scanner.ts'

/** @param what the parameter's name, for a refusal */
export function parseNames(text: string, what: string): string[] {
  const scanner = new Scanner(text, what)
  const names: string[] = []
  do {
    scanner.skipSpaces()
    names.push(scanner.name())
    scanner.skipSpaces()
  } while (scanner.take(','))
  if (!scanner.done) scanner.fail('"," or the end')
  return [...new Set(names)]
}

const bareSource = /[^,"]+/y

/** The fields of `columns`, and the names that members or columns of the body have for some of them. */
export function parseColumns(text: string): Pick<Query, 'columns' | 'columnSources'> {
  const scanner = new Scanner(text, 'columns')
  const sources = new Map<string, string>()
  const columns = new Set<string>()
  do {
    scanner.skipSpaces()
    const name = scanner.name()
    columns.add(name)
    scanner.skipSpaces()
    if (scanner.take(':')) sources.set(name, parseSource(scanner))
  } while (scanner.take(','))
  if (!scanner.done) scanner.fail('"," or the end')
  return { columns: [...columns], ...(sources.size === 0 ? {} : { columnSources: sources }) }
}

function parseSource(scanner: Scanner): string {
  scanner.skipSpaces()
  if (!scanner.peek('"')) return (scanner.match(bareSource) ?? scanner.fail('a name in the body')).trim()
  const source = scanner.quoted()
  scanner.skipSpaces()
  return source
}
