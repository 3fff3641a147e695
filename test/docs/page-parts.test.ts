// What the page does with documents in the browser: put together, and references replaced.
import t from 'tap'
import { briefGroups, withParts } from '../../lib/openapi/page/document-parts.ts'
import { PAGE_SCRIPT } from '../../lib/openapi/page/page.ts'
import { resolveSubtree } from '../../lib/openapi/page/resolve-subtree.ts'

const operation = (tag: string, responses?: object) => ({ tags: [tag], ...(responses && { responses }) })

t.test('parts take the place of what is in brief, without examples of filters', async (t) => {
  const index = {
    paths: {
      '/a/': { get: operation('a') },
      '/b/': { post: operation('b') },
      '/c/': { get: operation('c', {}) },
    },
    components: { parameters: { limit: { schema: { type: 'integer' }, example: 1 } } },
  }
  t.same([...briefGroups(index)], ['a', 'b'])
  const part = {
    paths: { '/a/': { get: operation('a', {}) } },
    components: {
      schemas: { a: {} },
      parameters: { 'a.x': { schema: { type: 'array' }, example: ['eq.1'] } },
    },
  }
  const whole = withParts(index, [part])
  t.same([...briefGroups(whole)], ['b'])
  t.same(Object.keys(whole.paths), ['/a/', '/b/', '/c/'])
  t.strictSame(whole.components, {
    schemas: { a: {} },
    parameters: {
      limit: { schema: { type: 'integer' }, example: 1 },
      'a.x': { schema: { type: 'array' } },
    },
  })
})

t.test('references are replaced, but those that lead back', async (t) => {
  const document = {
    paths: {
      '/a/{id}': {
        parameters: [{ $ref: '#/components/parameters/id' }],
        get: { parameters: [{ name: 'x' }] },
      },
    },
    components: {
      parameters: { id: { name: 'id' } },
      schemas: {
        tree: { items: { $ref: '#/components/schemas/tree' } },
        use: { $ref: '#/components/schemas/tree' },
      },
    },
  }
  t.strictSame(await resolveSubtree(document, ['paths', '/a/{id}', 'get']), {
    spec: { parameters: [{ name: 'x' }, { name: 'id' }] },
    errors: [],
  })
  t.strictSame((await resolveSubtree(document, ['components', 'schemas', 'use'])).spec, {
    items: { $ref: '#/components/schemas/tree' },
  })
  t.equal((await resolveSubtree(document, ['paths', '/b/', 'get'])).spec, null)
})

t.test('the script of the page is whole', async (t) => {
  t.doesNotThrow(() => new Function(PAGE_SCRIPT))
  for (const name of ['documentLoader', 'resolveSubtree', 'also']) t.match(PAGE_SCRIPT, `function ${name}(`)
})
