// Parse: a list of field names, `columns=a,b` and `on_conflict=a,b`.
import { Scanner } from './scanner.ts'

/** @param what the parameter, for a refusal */
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
