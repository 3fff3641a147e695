// No page leads nowhere: relative links and their headings, paths, npm scripts, and the map of the tree.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { anchorsOf, linksOf, pages, readPage, rowsOf, sectionOf } from '../../support/docs/markdown.ts'

const architecture = readPage('docs/architecture.md')

const folders = readdirSync('lib', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

t.test('every relative link leads to a file, and to a heading in it', async (t) => {
  for (const page of pages) {
    for (const { target, anchor } of linksOf(page)) {
      t.ok(existsSync(target), `${page} -> ${target}`)
      if (anchor !== '') t.ok(anchorsOf(readPage(target)).includes(anchor), `${page} -> ${target}#${anchor}`)
    }
  }
})

t.test('every path in the text exists', async (t) => {
  for (const page of pages) {
    const paths = readPage(page).matchAll(/`((?:dist\/)?(?:lib|routes|plugins|test|bench|docs)\/[\w./-]*)`/g)
    for (const [, path = ''] of paths) {
      const source = path.replace(/^dist\/(.*)\.js$/, '$1.ts')
      t.ok(existsSync(source) || source.includes('NNN'), `${page}: ${path}`)
    }
  }
})

t.test('every npm script in the text exists', async (t) => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  for (const page of pages)
    for (const [, name = ''] of readPage(page).matchAll(/npm run ([\w:-]+)/g))
      t.ok(name in scripts, `${page}: ${name}`)
})

t.test('the map is the tree', async (t) => {
  const [, map = ''] = architecture.split('<!-- A test holds this map to the tree. -->\n```\n')
  const lines = map.split('```')[0]?.split('\n') ?? []
  const paths = lines.flatMap((line) => {
    const [, indent = '', path = ''] = /^( *)(\S+) {2,}/.exec(line) ?? []
    return path === '' ? [] : [indent === '' ? path : `lib/${path}`]
  })
  for (const path of paths) t.ok(existsSync(path), path)
  for (const name of folders) t.ok(paths.includes(`lib/${name}/`), `lib/${name} is on it`)
})

t.test('every folder of lib has its layer', async (t) => {
  const layers = rowsOf(sectionOf(architecture, '## Layers')).map(([, names = '']) => names)
  const listed = layers.flatMap((names) => (names.split(';')[0] ?? '').split(', '))
  const code = folders.filter((name) => name !== 'migrations')
  t.strictSame(listed.sort(), code.sort())
})
