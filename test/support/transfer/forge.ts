// Exports as nobody's server writes them: taken apart, changed, and put together again with checksums that fit.
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { extract, type Header, pack } from 'tar-stream'

export interface ForgedEntry {
  name: string
  content: Buffer
  header?: Partial<Header>
}

/** The entries of an export. */
export async function entriesOf(path: string): Promise<ForgedEntry[]> {
  const entries: ForgedEntry[] = []
  const tar = extract()
  const reading = pipeline(createReadStream(path), tar)
  for await (const entry of tar) {
    const chunks: Buffer[] = []
    for await (const chunk of entry) chunks.push(chunk as Buffer)
    entries.push({ name: entry.header.name, content: Buffer.concat(chunks) })
  }
  await reading
  return entries
}

/** Writes entries as an export whose checksums fit, unless `sums` says otherwise. */
export async function forge(path: string, entries: readonly ForgedEntry[], sums?: string): Promise<string> {
  const tar = pack()
  const writing = pipeline(tar, createWriteStream(path))
  const others = entries.filter(({ name }) => name !== 'SHA256SUMS')
  for (const { name, content, header } of others)
    tar.entry({ name, size: content.length, ...header }, content)
  tar.entry({ name: 'SHA256SUMS' }, sums ?? others.map(lineOf).join(''))
  tar.finalize()
  await writing
  return path
}

const lineOf = ({ name, content }: ForgedEntry) =>
  `${createHash('sha256').update(content).digest('hex')}  ${name}\n`

/** The entries with the rows of a table changed. */
export function withRows(
  entries: readonly ForgedEntry[],
  table: string,
  change: (row: Record<string, unknown>, at: number) => unknown,
): ForgedEntry[] {
  return entries.map((entry) => {
    if (!entry.name.startsWith(`rows/${table}/`)) return entry
    const rows = entry.content.toString().trimEnd().split('\n')
    const changed = rows.map((row, at) => JSON.stringify(change(JSON.parse(row), at)))
    return { ...entry, content: Buffer.from(`${changed.join('\n')}\n`) }
  })
}
