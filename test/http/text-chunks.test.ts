// A long text arrives whole, in pieces that fit into a socket's buffer.
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { streamText } from '../../lib/http/text-chunks.ts'

for (const text of ['', 'short', `${'a'.repeat(65_535)}😀${'é😀'.repeat(100_000)}`, '😀'.repeat(70_000)])
  t.test(`${text.length} characters`, async (t) => {
    t.ok((await buffer(streamText(text))).equals(Buffer.from(text)))
    const sizes: number[] = []
    for await (const chunk of streamText(text)) sizes.push((chunk as Buffer).length)
    t.ok(Math.max(0, ...sizes) <= 65_536 * 4)
  })
