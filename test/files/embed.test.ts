// Files embedded in records by their fields, as related records are.
import t from 'tap'
import { addUser, as } from '../support/app.ts'
import { startFiles, upload } from '../support/files/app.ts'

t.test('files are embedded by their fields', async (t) => {
  const { app, admin } = await startFiles(t)
  const send = as(app, admin)
  const fields = [
    { name: 'title', type: 'string' },
    { name: 'photo', type: 'file' },
    { name: 'papers', type: 'file', many: true },
  ]
  await send('POST', '/schemas/', { entity_name: 'album', fields })
  await send('POST', '/schemas/', {
    entity_name: 'shelf',
    fields: [{ name: 'album', type: 'relation', entity: 'album' }],
  })
  const photo = await upload(app, admin, { filename: 'p.txt', content: 'photo' })
  const papers = [
    await upload(app, admin, { filename: '1.txt', content: '1' }),
    await upload(app, admin, { filename: '2.txt', content: '22' }),
  ]
  const [{ id: full }, { id: empty }] = (
    await send('POST', '/album/', [
      { title: 'full', photo: photo.id, papers: papers.map(({ id }) => id) },
      { title: 'empty' },
    ])
  ).json()
  await send('POST', '/shelf/', { album: full })
  const get = async (url: string) => (await send('GET', url)).json()
  const { id, url, filename, content_type, size } = photo

  t.test('one, and null where there is none', async (t) => {
    t.strictSame(await get('/album/?select=title,photo(id,filename,url,content_type,size)'), [
      { title: 'full', photo: { id, filename, url, content_type, size } },
      { title: 'empty', photo: null },
    ])
    t.strictSame(await get(`/album/${full}?select=photo(*)`), { photo })
    t.strictSame(await get(`/album/${empty}?select=photo(*)`), { photo: null })
  })

  t.test('many, filtered, ordered and counted', async (t) => {
    t.strictSame(await get(`/album/${full}?select=papers(filename,size)&papers.order=size.desc`), {
      papers: [
        { filename: '2.txt', size: 2 },
        { filename: '1.txt', size: 1 },
      ],
    })
    t.strictSame(await get('/album/?select=papers(filename)&papers.size=gt.1'), [
      { papers: [{ filename: '2.txt' }] },
      { papers: [] },
    ])
    t.strictSame(await get(`/album/${full}?select=papers(count())`), { papers: [{ count: 2 }] })
  })

  t.test('by an alias, spread, inner, and through a relation', async (t) => {
    t.strictSame(await get('/album/?select=title,cover:photo!inner(name:filename)'), [
      { title: 'full', cover: { name: 'p.txt' } },
    ])
    t.strictSame(await get(`/album/${full}?select=title,...photo(filename)`), {
      title: 'full',
      filename: 'p.txt',
    })
    t.strictSame(await get('/shelf/?select=album(photo(url))'), [{ album: { photo: { url } } }])
    t.strictSame(await get('/album/?select=title,photo()&photo=is.null'), [{ title: 'empty' }])
    t.strictSame(
      await get('/album/?select=title,photo(filename)&order=photo(filename).desc.nullslast&limit=1'),
      [{ title: 'full', photo: { filename } }],
    )
  })

  t.test('in the answer of a write, in CSV and in NDJSON', async (t) => {
    const made = await send('POST', '/album/?select=title,photo(filename)', { title: 'new', photo: id })
    t.strictSame(made.json(), { title: 'new', photo: { filename } })
    const csv = await send('GET', '/album/?select=title,...photo(filename,url)&title=eq.full', undefined, {
      accept: 'text/csv',
    })
    t.equal(csv.body, `title,filename,url\nfull,p.txt,${url}`)
    const lines = await send('GET', '/album/?select=photo(size)&title=eq.full', undefined, {
      accept: 'application/x-ndjson',
    })
    t.equal(lines.body, '{"photo":{"size":5}}\n')
  })

  t.test('for those who may read record and field, and for nobody else', async (t) => {
    const alice = as(app, (await addUser(app, 'alice', 'user')).tokens.access_token)
    t.strictSame((await alice('GET', `/album/${full}?select=photo(filename)`)).json(), {
      photo: { filename },
    })
    await send('PUT', '/schemas/album/permissions/user', { read: true, fields: { read: ['title'] } })
    for (const select of ['photo(id)', 'files(id)', 'title,photo(url)', 'files!photo(id)']) {
      const answer = await alice('GET', `/album/?select=${select}`)
      t.match(answer.json(), { status: 400, code: 'unknown_relation' }, select)
    }
  })

  for (const select of [
    'photo(created_by)',
    'photo(x)',
    'photo(filename->a)',
    'title(id)',
    'photo(album(id))',
  ])
    t.test(`${select} is refused`, async (t) => {
      const answer = await send('GET', `/album/?select=${select}`)
      t.equal(answer.statusCode, 400, answer.body)
    })
})
