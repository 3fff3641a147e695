// The tables of docs/ that are made from the code: errors, field types, operators, limits, operations.

import { authErrors } from '../../../lib/errors/auth.ts'
import { fileErrors } from '../../../lib/errors/file.ts'
import { historyErrors } from '../../../lib/errors/history.ts'
import type { ProblemKind } from '../../../lib/errors/problem.ts'
import { queryErrors } from '../../../lib/errors/query.ts'
import { recordErrors } from '../../../lib/errors/record.ts'
import { requestErrors } from '../../../lib/errors/request.ts'
import { schemaErrors } from '../../../lib/errors/schema.ts'
import { serverErrors } from '../../../lib/errors/server.ts'
import { tenantErrors } from '../../../lib/errors/tenant.ts'
import type { Field } from '../../../lib/fields/field.ts'
import type { FieldType } from '../../../lib/fields/field-type.ts'
import { fieldTypes } from '../../../lib/fields/index.ts'
import { METHODS, type OpenApiDocument } from '../../../lib/openapi/reference.ts'
import {
  MAX_CONDITIONS,
  MAX_DEPTH,
  MAX_EMBED_DEPTH,
  MAX_EMBEDS,
  MAX_ORDER,
  MAX_QUERY_LENGTH,
  MAX_SELECT,
} from '../../../lib/query/limits.ts'
import { type Rows, type Tables, table } from './generated.ts'

const code = (text: string) => `\`${text}\``

const codes = (texts: readonly string[]) => texts.map(code).join(' ')

const ERRORS = {
  request: requestErrors,
  auth: authErrors,
  tenant: tenantErrors,
  schema: schemaErrors,
  query: queryErrors,
  record: recordErrors,
  history: historyErrors,
  file: fileErrors,
  server: serverErrors,
}

function errorRows(stage: Readonly<Record<string, { kind: ProblemKind }>>): Rows {
  const kinds = Object.values(stage).map(({ kind }) => kind)
  return kinds
    .sort((a, b) => a.status - b.status || (a.code < b.code ? -1 : 1))
    .map(({ status, code: name, title }) => [String(status), code(name), title])
}

function fieldTypeRows(): Rows {
  return fieldTypes.map(({ name, aliases, summary, options }) => [
    [name, ...aliases].map(code).join(', '),
    summary,
    codes(Object.keys(options)),
  ])
}

/** The types by what a filter may do with them, alone and as a list. */
function operatorRows(): Rows {
  const groups = new Map<string, string[]>()
  const note = (type: FieldType, field: Partial<Field>, name: string) => {
    const operators = codes(type.operators({ name: '', key: '', type: type.name, ...field }))
    groups.set(operators, [...(groups.get(operators) ?? []), name])
  }
  for (const type of fieldTypes) note(type, {}, code(type.name))
  for (const type of fieldTypes)
    if ('many' in type.options) note(type, { many: true }, `${code(type.name)} with ${code('many')}`)
  return [...groups].map(([operators, names]) => [names.join(', '), operators])
}

const LIMITS: readonly [number, string][] = [
  [MAX_QUERY_LENGTH, 'characters of a query string'],
  [MAX_CONDITIONS, 'conditions, those on related records included'],
  [MAX_DEPTH, 'levels of `and` and `or`; steps of `->`'],
  [MAX_SELECT, 'items of a `select` list'],
  [MAX_ORDER, 'fields to order by'],
  [MAX_EMBEDS, 'embedded entities'],
  [MAX_EMBED_DEPTH, 'levels of embedded entities'],
]

const WHO: Readonly<Record<string, string>> = {
  public: 'anyone',
  anyone: 'anyone',
  visitor: 'users, `anonymous`',
  user: 'users',
  admin: 'admins',
  operator: 'operators',
}

function operationRows({ paths }: OpenApiDocument, tag: string): Rows {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method]
      if (operation?.tags[0] !== tag) return []
      return [
        [code(`${method.toUpperCase()} ${path}`), operation.summary, WHO[operation['x-access'] ?? ''] ?? ''],
      ]
    }),
  )
}

/** Every generated table by its name; `document` is that of the static API. */
export function makeTables(document: OpenApiDocument): Tables {
  const errors = Object.entries(ERRORS).map(([stage, rows]): [string, string] => [
    `${stage} errors`,
    table(['status', 'code', 'title'], errorRows(rows)),
  ])
  const operations = document.tags.map(({ name }): [string, string] => [
    `${name} operations`,
    table(['', '', 'for'], operationRows(document, name)),
  ])
  return new Map([
    ...errors,
    ...operations,
    ['field types', table(['type', '', 'options'], fieldTypeRows())],
    ['operators', table(['type', 'operators'], operatorRows())],
    [
      'query limits',
      table(
        ['at most', ''],
        LIMITS.map(([most, what]) => [most.toLocaleString('en'), what]),
      ),
    ],
  ])
}
