// docker-compose.yml as far as the tests need it: the environment of its service `api`, with variables replaced.
import { readFileSync } from 'node:fs'

const file = new URL('../../../../docker-compose.yml', import.meta.url)

/** Names and values as written. */
export function apiEnvironment(): Map<string, string> {
  const text = readFileSync(file, 'utf8')
  const [, block = ''] = /^ {2}api:\n(?:.*\n)*? {4}environment:\n((?: {6}.*\n)+)/m.exec(text) ?? []
  const entries = [...block.matchAll(/^ {6}([A-Z0-9_]+): ?"?(.*?)"?$/gm)]
  return new Map(entries.map(([, name = '', value = '']) => [name, value]))
}

const VARIABLE = /\$\{(\w+)(?::([-?])([^}]*))?\}/g

/** The environment that Compose makes for these variables; throws for one that is required. */
export function composed(variables: Record<string, string>): Record<string, string> {
  const replace = (_: string, name = '', kind = '', rest = '') => {
    const value = variables[name]
    if (value === undefined && kind === '?') throw new Error(`${name}: ${rest}`)
    return value || (kind === '-' ? rest : '')
  }
  return Object.fromEntries(
    [...apiEnvironment()].map(([name, value]) => [name, value.replaceAll(VARIABLE, replace)]),
  )
}
