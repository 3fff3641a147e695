// The validators of routes are compiled when they are needed, once.
import t from 'tap'
import { createCompiler } from '../../lib/validation/validator-compiler.ts'

const unusable = { type: 'object', properties: { a: { type: 'no such type' } } }

t.test('a start compiles no schema of a route', async (t) => {
  const compile = createCompiler()
  for (const httpPart of ['body', 'querystring', 'params', 'headers']) {
    const validate = compile({ schema: unusable, httpPart })
    t.throws(() => validate({ a: 1 }), /no such type|type must be/, httpPart)
  }
})

t.test(
  'a schema that is used twice is compiled once, and each value has violations of its own',
  async (t) => {
    let looks = 0
    const schema = {
      type: 'object',
      get properties() {
        looks += 1
        return { a: { type: 'integer' } }
      },
    }
    const validate = createCompiler()({ schema, httpPart: 'body' })
    t.equal(validate({ a: 'x' }), false)
    t.match(validate.errors, [{ pointer: '/a', keyword: 'type' }])
    const before = looks
    t.equal(validate({ a: 1 }), true)
    t.same(validate.errors, [])
    t.equal(looks, before)
  },
)
