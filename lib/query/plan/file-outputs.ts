// Plan: the outputs of a file, among them two that are not stored: the address of its content, and whether a record holds it.
import type { SelectField } from '../ast.ts'
import { type FileUrls, UNSIGNED_URLS } from './context.ts'
import { FILE_COLUMNS, IN_USE } from './file-columns.ts'
import type { FileOutput } from './level-plan.ts'

/** The outputs of a file of which nothing else is selected, in the order of the API. */
export function planFile(urls: FileUrls = UNSIGNED_URLS) {
  const columns = [...FILE_COLUMNS].map(([name, column]) => ({ kind: 'column', name, column }) as const)
  const [id, ...others] = columns
  return [id as (typeof columns)[number], urlOutput('url', urls), ...others]
}

const urlOutput = (name: string, urls: FileUrls): FileOutput => ({ kind: 'file', name, member: 'url', urls })

/** The output of a member that is not stored; undefined for any other. */
export function planFileOutput({ field, alias }: SelectField, urls = UNSIGNED_URLS): FileOutput | undefined {
  const { name, path } = field
  if (path.length > 0) return undefined
  if (name === 'url') return urlOutput(alias ?? name, urls)
  return name === IN_USE ? { kind: 'file', name: alias ?? name, member: IN_USE } : undefined
}
