// What uploaded Office documents are, whatever the order of their parts, and that fields take them for it.
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { as } from '../support/app.ts'
import { startFiles, upload } from '../support/files/app.ts'
import { compoundFile, type ZipContent, zip } from '../support/files/archives.ts'
import { assertSniffed, type Sniffed } from '../support/files/sniffed.ts'

const OPEN_XML = 'application/vnd.openxmlformats-officedocument'

const DOCX = `${OPEN_XML}.wordprocessingml.document`

const filling = (name: string, size = 200_000): ZipContent => ({
  name,
  content: randomBytes(size),
  stored: true,
})

const contentTypes = (main: string): ZipContent => ({
  name: '[Content_Types].xml',
  content: `<Types><Default Extension="xml" ContentType="application/xml"/><Override PartName="/x.xml" ContentType="${main}"/></Types>`,
})

const openXml = (main: string, parts: ZipContent[] = []) =>
  zip([filling('media/image1.png'), ...parts, contentTypes(main)])

const officeParts = (type: string) => {
  const mimetype = { name: 'mimetype', content: type, stored: true }
  return [mimetype, filling('Pictures/1.png'), { name: 'content.xml', content: '<x/>' }]
}

const OPEN_DOCUMENT = 'application/vnd.oasis.opendocument'

const documents: Sniffed[] = [
  {
    what: 'docx with late content types',
    filename: 'a.docx',
    content: openXml(`${DOCX}.main+xml`),
    type: DOCX,
  },
  {
    what: 'docx with early content types',
    filename: 'x',
    content: zip([contentTypes(`${DOCX}.main+xml`), filling('word/media/1.png')]),
    type: DOCX,
  },
  {
    what: 'small docx',
    filename: 'x',
    content: zip([{ name: 'word/document.xml', content: '<x/>' }, contentTypes(`${DOCX}.main+xml`)]),
    type: DOCX,
  },
  {
    what: 'docx that names no main part',
    filename: 'x',
    content: zip([
      filling('docProps/thumbnail.jpeg'),
      { name: 'word/document.xml', content: '<x/>' },
      { name: '[Content_Types].xml', content: '<Types/>' },
    ]),
    type: DOCX,
  },
  {
    what: 'xlsx',
    filename: 'x',
    content: openXml(`${OPEN_XML}.spreadsheetml.sheet.main+xml`),
    type: `${OPEN_XML}.spreadsheetml.sheet`,
  },
  {
    what: 'pptx',
    filename: 'x',
    content: openXml(`${OPEN_XML}.presentationml.presentation.main+xml`),
    type: `${OPEN_XML}.presentationml.presentation`,
  },
  {
    what: 'xlsm',
    filename: 'x',
    content: openXml('application/vnd.ms-excel.sheet.macroEnabled.main+xml'),
    type: 'application/vnd.ms-excel.sheet.macroenabled.12',
  },
  {
    what: 'xlsb',
    filename: 'x',
    content: openXml('application/vnd.ms-excel.sheet.binary.macroEnabled.main'),
    type: 'application/vnd.ms-excel.sheet.binary.macroenabled.12',
  },
  {
    what: 'vsdx',
    filename: 'x',
    content: openXml('application/vnd.ms-visio.drawing.main+xml'),
    type: 'application/vnd.visio',
  },
  ...['text', 'spreadsheet', 'presentation', 'graphics', 'text-template'].map((kind) => ({
    what: `OpenDocument ${kind} with a late mimetype`,
    filename: 'x',
    content: zip(officeParts(`${OPEN_DOCUMENT}.${kind}`).reverse()),
    type: `${OPEN_DOCUMENT}.${kind}`,
  })),
  {
    what: 'OpenDocument with an early mimetype',
    filename: 'x',
    content: zip(officeParts(`${OPEN_DOCUMENT}.text`)),
    type: `${OPEN_DOCUMENT}.text`,
  },
  {
    what: 'OpenDocument by its manifest',
    filename: 'x',
    content: zip([
      filling('a.png'),
      {
        name: 'META-INF/manifest.xml',
        content: `<m:file-entry m:media-type="${OPEN_DOCUMENT}.text" m:full-path="/"/>`,
      },
    ]),
    type: `${OPEN_DOCUMENT}.text`,
  },
  {
    what: 'EPUB with a late mimetype',
    filename: 'x',
    content: zip([filling('OEBPS/cover.jpg'), { name: 'mimetype', content: 'application/epub+zip' }]),
    type: 'application/epub+zip',
  },
  {
    what: 'an archive of folders called word and xl',
    filename: 'x.docx',
    content: zip([
      { name: 'word/document.xml', content: 'x' },
      { name: 'xl/a', content: 'x' },
    ]),
    type: 'application/zip',
  },
  {
    what: 'an archive called docx',
    filename: 'x.docx',
    content: zip([filling('a.bin')]),
    type: 'application/zip',
  },
  {
    what: 'an archive with a lying mimetype',
    filename: 'x',
    content: zip([filling('a'), { name: 'mimetype', content: 'text/html' }]),
    type: 'application/zip',
  },
  {
    what: 'doc',
    filename: 'x',
    content: compoundFile(['1Table', 'WordDocument'], { filling: 400 }),
    type: 'application/msword',
  },
  {
    what: 'doc with a sheet inside',
    filename: 'x',
    content: compoundFile(['ObjectPool', 'WordDocument'], { nested: ['Workbook'] }),
    type: 'application/msword',
  },
  { what: 'xls', filename: 'x', content: compoundFile(['Workbook']), type: 'application/vnd.ms-excel' },
  { what: 'xls of 1995', filename: 'x', content: compoundFile(['Book']), type: 'application/vnd.ms-excel' },
  {
    what: 'ppt',
    filename: 'x',
    content: compoundFile(['Current User', 'PowerPoint Document'], { filling: 1000 }),
    type: 'application/vnd.ms-powerpoint',
  },
  {
    what: 'msg',
    filename: 'x',
    content: compoundFile(['__substg1.0_0037001F', '__properties_version1.0']),
    type: 'application/vnd.ms-outlook',
  },
  {
    what: 'an encrypted docx',
    filename: 'x.docx',
    content: compoundFile(['EncryptionInfo', 'EncryptedPackage']),
    type: DOCX,
  },
  {
    what: 'another compound file',
    filename: 'x.doc',
    content: compoundFile(['Catalog']),
    type: 'application/x-cfb',
  },
  {
    what: 'a compound file that breaks off',
    filename: 'x.doc',
    content: compoundFile(['WordDocument'], { filling: 9 }).subarray(0, 2000),
    type: 'application/x-cfb',
  },
]

t.test('documents', async (t) => {
  const server = await startFiles(t)
  const { app, admin } = server
  for (const scenario of documents)
    t.test(`${scenario.what} is ${scenario.type}`, (t) => assertSniffed(t, server, scenario))

  t.test('a field takes a file by what it is', async (t) => {
    const fields = [
      { name: 'report', type: 'file', mime_types: [DOCX] },
      { name: 'list', type: 'file', mime_types: ['text/*'] },
    ]
    const send = as(app, admin)
    t.equal((await send('POST', '/schemas/', { entity_name: 'paper', fields })).statusCode, 201)
    const docx = await upload(app, admin, { filename: 'a.zip', content: openXml(`${DOCX}.main+xml`) })
    const sheet = await upload(app, admin, {
      filename: 'a.txt',
      content: Buffer.from('\ufeffa\tb\n', 'utf16le'),
    })
    const right = { report: docx.id, list: sheet.id }
    t.equal((await send('POST', '/paper/', right)).statusCode, 201)
    const wrong = await send('POST', '/paper/', { report: sheet.id, list: docx.id })
    t.match(wrong.json(), { status: 400, errors: [{ pointer: '/report' }, { pointer: '/list' }] })
  })
})
