// The `http` blocks of a page as requests to send. A block is either one request with headers and a body, or a list of
// requests, one a line. A comment behind a request says what it is answered with: `# 400: why` a status, `# → Ada, Bob`
// the names or titles of the records, `# → none` an empty list.

import type { Block } from './markdown.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Example {
  method: Method
  url: string
  headers: Record<string, string>
  body?: string
  /** The status of the answer; undefined: any 2xx. */
  status?: number
  /** The names of the records in the answer. */
  names?: string[]
}

const REQUEST = /^(GET|POST|PUT|PATCH|DELETE) (\/.*?)(?: +# (.*))?$/

function parseLine(line: string): Pick<Example, 'method' | 'url' | 'status' | 'names'> {
  const [, method, url = '', comment = ''] = REQUEST.exec(line) ?? []
  if (method === undefined) throw new Error(`not a request: ${line}`)
  const [status] = /^\d{3}\b/.exec(comment) ?? []
  const [, names] = /^→ ([^;]+)/.exec(comment) ?? []
  return {
    method: method as Method,
    url,
    ...(status === undefined ? {} : { status: Number(status) }),
    ...(names === undefined ? {} : { names: names === 'none' ? [] : names.split(', ') }),
  }
}

function parseOne(text: string): Example {
  const [head = '', ...body] = text.trimEnd().split('\n\n')
  const [first = '', ...lines] = head.split('\n')
  const headers = Object.fromEntries(
    lines.map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]),
  )
  if (body.length === 0) return { ...parseLine(first), headers }
  return {
    ...parseLine(first),
    headers: { 'content-type': 'application/json', ...headers },
    body: body.join('\n\n'),
  }
}

/** The requests of a block. */
export function examplesIn({ text }: Block): Example[] {
  const lines = text.trimEnd().split('\n')
  if (!lines.every((line) => line === '' || REQUEST.test(line))) return [parseOne(text)]
  return lines.filter((line) => line !== '').map((line) => ({ ...parseLine(line), headers: {} }))
}
