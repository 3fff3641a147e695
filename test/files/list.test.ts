// GET /files/ with the grammar of the records: filters, order, select, counts and pages.
import t from 'tap'
import { addUser, as } from '../support/app.ts'
import { type FileJson, startFiles, upload } from '../support/files/app.ts'

t.test('files are queried as records are', async (t) => {
  const { app, admin } = await startFiles(t)
  const send = as(app, admin)
  const alice = (await addUser(app, 'alice', 'user')).tokens.access_token
  const fields = [
    { name: 'photo', type: 'file' },
    { name: 'papers', type: 'file', many: true },
  ]
  await send('POST', '/schemas/', { entity_name: 'album', fields })
  const files: Record<string, FileJson> = {}
  const contents = {
    'b.txt': 'x',
    'a.txt': 'xx',
    'Émile.md': '# xxx',
    'data.json': '{"a":"xxxxxx"}',
    'c.txt': 'x'.repeat(100),
  }
  for (const [filename, content] of Object.entries(contents))
    files[filename] = await upload(app, filename === 'c.txt' ? alice : admin, { filename, content })
  const idOf = (name: string) => files[name]?.id as string
  await send('POST', '/album/', { photo: idOf('b.txt'), papers: [idOf('a.txt'), idOf('c.txt')] })
  await send('POST', '/album/', { photo: idOf('b.txt') })

  const scenarios: [search: string, names: string[], token?: string][] = [
    ['', ['b.txt', 'a.txt', 'Émile.md', 'data.json', 'c.txt']],
    ['filename=eq.a.txt', ['a.txt']],
    ['filename=in.(a.txt,c.txt)', ['a.txt', 'c.txt']],
    ['filename=ilike.*emile*', ['Émile.md']],
    ['filename=not.like.*.txt', ['Émile.md', 'data.json']],
    ['content_type=like.text/*', ['b.txt', 'a.txt', 'Émile.md', 'c.txt']],
    ['content_type=eq.application/json', ['data.json']],
    ['size=gt.2&size=lt.100', ['Émile.md', 'data.json']],
    ['size=eq.100', ['c.txt']],
    ['size=in.(1,2)', ['b.txt', 'a.txt']],
    ['size=gte(any).{100,200}', ['c.txt']],
    [`sha256=eq.${files['a.txt']?.sha256}`, ['a.txt']],
    [`id=eq.${idOf('c.txt')}`, ['c.txt']],
    [`created_at=gte.${files['data.json']?.created_at}`, ['data.json', 'c.txt']],
    ['created_at=lt.2020-01-01', []],
    ['or=(size.eq.1,filename.eq.c.txt)', ['b.txt', 'c.txt']],
    ['in_use=is.true', ['b.txt', 'a.txt', 'c.txt']],
    ['in_use=is.false', ['Émile.md', 'data.json']],
    ['in_use=not.is.false', ['b.txt', 'a.txt', 'c.txt']],
    ['in_use=eq.false&size=lt.10', ['Émile.md']],
    ['in_use=neq.false', ['b.txt', 'a.txt', 'c.txt']],
    ['order=size.desc', ['c.txt', 'data.json', 'Émile.md', 'a.txt', 'b.txt']],
    ['order=filename.desc&limit=2', ['Émile.md', 'data.json']],
    ['order=created_at.desc&limit=2', ['c.txt', 'data.json']],
    ['', ['c.txt'], alice],
    ['size=lt.100', [], alice],
  ]
  const single = { accept: 'application/vnd.pgrst.object+json' }
  const one = await send('GET', '/files/?filename=eq.a.txt&select=filename,size', undefined, single)
  t.same(one.json(), { filename: 'a.txt', size: 2 })
  t.match(one.headers['content-type'], /^application\/vnd\.pgrst\.object\+json/)
  for (const filter of ['size=eq.1000', 'size=lt.3'])
    t.match((await send('GET', `/files/?${filter}`, undefined, single)).json(), {
      status: 406,
      code: 'PGRST116',
    })
  for (const [search, names, token = admin] of scenarios) {
    t.test(`${search || 'nothing'} finds ${names}`, async (t) => {
      const answer = await as(app, token)('GET', `/files/?${search}`)
      t.equal(answer.statusCode, 200, answer.body)
      t.strictSame(
        answer.json().map(({ filename }: FileJson) => filename),
        names,
      )
    })
  }

  t.test('pages go on in any order', async (t) => {
    for (const order of ['size', 'size.desc', 'filename', 'content_type.desc', 'created_at.desc']) {
      const whole = (await send('GET', `/files/?order=${order}`)).json()
      const seen: FileJson[] = []
      let url: string | undefined = `/files/?order=${order}&limit=2`
      while (url !== undefined) {
        const answer = await send('GET', url)
        seen.push(...answer.json())
        url = /^<([^>]+)>; rel="next"$/.exec(String(answer.headers.link))?.[1]
      }
      t.strictSame(seen, whole, order)
    }
  })

  t.test('counts are those of the filter', async (t) => {
    const prefer = { prefer: 'count=exact' }
    const page = await send('GET', '/files/?size=lt.100&limit=1', undefined, prefer)
    t.equal(page.statusCode, 206)
    t.match(page.headers, { 'content-range': '0-0/4', 'preference-applied': 'count=exact' })
    const none = await send('GET', '/files/?size=gt.1000', undefined, prefer)
    t.match(none, { statusCode: 200, headers: { 'content-range': '*/0' } })
    t.equal((await send('GET', '/files/?offset=9', undefined, prefer)).statusCode, 416)
  })

  t.test('members are selected', async (t) => {
    const answer = await send('GET', '/files/?select=name:filename,url,in_use&limit=1')
    t.strictSame(answer.json(), [{ name: 'b.txt', url: files['b.txt']?.url, in_use: true }])
    const groups = await send('GET', '/files/?select=content_type,count()&order=count.desc&limit=1')
    t.strictSame(groups.json(), [{ content_type: 'text/plain', count: 3 }])
  })

  t.test('a file whose field was dropped is not in use', async (t) => {
    await send('PUT', '/schemas/album', { fields: [fields[0]] })
    const answer = await send('GET', '/files/?in_use=is.true')
    t.strictSame(
      answer.json().map(({ filename }: FileJson) => filename),
      ['b.txt'],
    )
  })
})
