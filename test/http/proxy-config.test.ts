// The example of a proxy: what it compresses, and what not.
import { readFileSync } from 'node:fs'
import t from 'tap'

const config = readFileSync('nginx.conf', 'utf8').replace(/#.*/g, '')

const blockOf = (location: string) => config.split(`location ${location} {`)[1]?.split('}')[0] ?? ''

t.test('records are compressed, in every form and from 1 KiB on', async (t) => {
  const types = /gzip_types\s([^;]+);/.exec(config)?.[1]?.trim().split(/\s+/) ?? []
  const sent = ['json', 'x-ndjson', 'vnd.pgrst.object+json', 'vnd.pgrst.array+json', 'problem+json']
  for (const type of [...sent.map((name) => `application/${name}`), 'text/csv'])
    t.ok(types.includes(type), type)
  t.match(config, /gzip_min_length 1024;/)
  t.match(blockOf('/'), /gzip on;/)
})

t.test('tokens and files are not', async (t) => {
  t.match(blockOf('~ ^/(auth|files)/'), /gzip off;/)
})
