// The comparison of entity tags: what a proxy adds to one is not part of it, what only looks alike is.
import t from 'tap'
import { isNotModified, parseEtags } from '../../lib/http/etag.ts'

t.test('tags are read as the strong ones they were made from', async (t) => {
  const cases: [header: string, tags: string[] | '*'][] = [
    ['*', '*'],
    ['"a"', ['"a"']],
    ['W/"a"', ['"a"']],
    ['"a-gzip", W/"b-br" , "c;gzip"', ['"a"', '"b"', '"c"']],
    ['"a--gzip"', ['"a-"']],
    ['"gzip", "a-gzips", "agzip"', ['"gzip"', '"a-gzips"', '"agzip"']],
  ]
  for (const [header, tags] of cases) t.same(parseEtags(header), tags, header)
  t.throws(() => parseEtags('abc'), { message: /abc is no entity tag/ })
})

t.test('a tag of ours that happens to end so matches itself', async (t) => {
  t.ok(isNotModified('"a-br"', '"a-br"'))
  t.ok(isNotModified('W/"a-br"', '"a-br"'))
  t.notOk(isNotModified('"b-br"', '"a-br"'))
})
