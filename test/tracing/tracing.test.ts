// Spans arrive at a collector, below the caller's own, and say nothing about anybody.
import t from 'tap'
import { asAdmin, startWithAdmin } from '../support/app.ts'
import { attributesOf, startCollector } from '../support/tracing/collector.ts'

t.test('requests and their statements arrive as spans, without values', async (t) => {
  const collector = await startCollector(t)
  const { app } = await startWithAdmin(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
    OTEL_SERVICE_NAME: 'school',
  })
  const admin = await asAdmin(app)
  await admin('POST', '/schemas', { entity_name: 'student', fields: [{ name: 'name', type: 'text' }] })
  await admin('POST', '/student', [{ name: 'secretvalue' }])
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`
  const answer = await admin('GET', '/student?name=eq.secretvalue', undefined, { traceparent })
  await admin('GET', '/student/secretvalue')
  await admin('POST', '/student', { name: { secretvalue: 1 } })
  await app.close()

  const { spans, bodies } = collector
  t.match(bodies[0], /^POST \/v1\/traces\n/)
  t.match(bodies[0], '"school"')
  const list = spans.find((span) => span.traceId === traceId && span.name === 'GET /:entity')
  t.match(list, { parentSpanId: 'b7ad6b7169203331', kind: 2 })
  t.match(attributesOf(list as never), {
    'http.request.method': 'GET',
    'http.route': '/:entity',
    'http.response.status_code': 200,
    'http.response.header.x-request-id': answer.headers['x-request-id'],
  })
  const statements = spans.filter((span) => span.parentSpanId === list?.spanId)
  t.ok(statements.length >= 1, 'the statement belongs to its request')
  t.match(attributesOf(statements.at(-1) as never), {
    'db.system.name': 'postgresql',
    'db.query.text': /^select|^with/,
  })
  t.ok(spans.some(({ name }) => name === 'transaction'))
  t.notMatch(bodies.join('\n'), /secretvalue|correct-horse|Bearer|eyJ|"default"/)
})

t.test('a collector that is gone costs nothing but a line of the log', async (t) => {
  const lines: string[] = []
  const stream = { write: (line: string) => void lines.push(line) }
  const { app } = await startWithAdmin(
    t,
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' },
    { logger: { level: 'warn', stream } },
  )
  t.equal((await (await asAdmin(app))('GET', '/auth/me')).statusCode, 200)
  await app.close()
  t.equal((await startWithAdmin(t)).app.tracing, undefined, 'without a setting nothing is traced')
})
