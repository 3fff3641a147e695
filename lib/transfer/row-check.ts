// Rows of an export as values of their columns: every column is there, and of its kind. StartError for everything else: the file
// may come from anybody.
import { StartError } from '../errors/start-error.ts'
import { findUnstorable, isStorableText } from '../fields/unstorable.ts'
import { isUuid } from '../fields/uuid.ts'
import { CARRIED, type CarriedName, type CarriedTable, type Kind } from './tables.ts'

export type Row = Record<string, unknown>

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?\+00:00$/

const isWhole = (value: unknown, most: number) =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most

const KINDS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  uuid: (value) => typeof value === 'string' && isUuid(value),
  text: (value) => typeof value === 'string' && isStorableText(value),
  timestamptz: (value) =>
    typeof value === 'string' && INSTANT.test(value) && !Number.isNaN(Date.parse(value)),
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => isWhole(value, 2 ** 31 - 1),
  bigint: (value) => isWhole(value, Number.MAX_SAFE_INTEGER),
  jsonb: (value) => typeof value === 'object' && value !== null && findUnstorable(value, 1).length === 0,
}

/** StartError that says which row is refused, and why. */
export function refuseRow(table: CarriedName, reason: string): never {
  throw new StartError(`The export cannot be imported: a row of ${table} ${reason.slice(0, 300)}.`)
}

/** The rows of an entry. */
export function* readRows(table: CarriedName, content: Buffer): Generator<Row> {
  for (const line of content.toString().split('\n'))
    if (line !== '') yield checkRow(table, parseRow(table, line))
}

function parseRow(table: CarriedName, line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return refuseRow(table, 'is no JSON')
  }
}

function checkRow(table: CarriedName, row: unknown): Row {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return refuseRow(table, 'is no object')
  const { columns }: CarriedTable = CARRIED[table]
  const entries = Object.entries(columns).map(([name, kind]) => {
    const value = Object.hasOwn(row, name) ? (row as Row)[name] : undefined
    const isRight = value === null ? kind.endsWith('?') : KINDS[kind.replace('?', '') as Kind](value)
    return isRight ? [name, value] : refuseRow(table, `has no ${kind.replace('?', '')} in ${name}`)
  })
  return Object.fromEntries(entries)
}
