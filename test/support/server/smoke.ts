// A walk through a running server: sign-in, an entity, records, a list in each format, a file, the documentation, a refusal.
import type { Test } from 'tap'
import { signIn } from '../server-process.ts'
import { PASSWORD } from './client.ts'

const FIELDS = [
  { name: 'name', type: 'string', required: true, pattern: '^[A-Z]' },
  { name: 'born', type: 'date' },
  { name: 'photo', type: 'file' },
]

const FORMATS = { 'application/json': /"Ada"/, 'text/csv': /Ada/, 'application/x-ndjson': /"Ada"/ }

/** The first admin has PASSWORD. */
export async function smoke(t: Test, url: string): Promise<void> {
  const { access_token } = await signIn(url, PASSWORD)
  const authorization = `Bearer ${access_token}`
  const send = (method: string, path: string, body?: object) =>
    fetch(url + path, {
      method,
      headers: { authorization, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
  t.equal((await send('POST', '/schemas/', { entity_name: 'person', fields: FIELDS })).status, 201)

  const form = new FormData()
  form.set('file', new Blob(['%PDF-1.7\n']), 'Übung "1".pdf')
  const uploaded = await fetch(`${url}/files/upload`, {
    method: 'POST',
    headers: { authorization },
    body: form,
  })
  const file = (await uploaded.json()) as { id: string; url: string }
  t.match(await (await send('GET', file.url)).text(), '%PDF-1.7')

  const made = await send('POST', '/person/', { name: 'Ada', born: '1815-12-10', photo: file.id })
  t.equal(made.status, 201)
  t.equal((await send('POST', '/person/', { name: 'ada' })).status, 400)
  for (const [accept, text] of Object.entries(FORMATS)) {
    const list = await fetch(`${url}/person/?name=ilike.a*`, { headers: { authorization, accept } })
    t.match(await list.text(), text, accept)
  }
  t.match(await (await send('GET', '/docs/json')).json(), { openapi: /^3\.1/ })
  t.equal((await fetch(`${url}/health/ready`)).status, 200)
}
