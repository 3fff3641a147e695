// The root of a server, and what browsers and crawlers ask of any site.
import t from 'tap'
import { startWithAdmin } from '../support/app.ts'

t.test('the root leads people to the page and tells programs what runs here', async (t) => {
  const { app } = await startWithAdmin(t)
  const ask = (accept: string | undefined) =>
    app.inject({ url: '/', headers: accept === undefined ? {} : { accept } })
  const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
  for (const accept of [browser, 'text/html', 'application/json;q=0.5, text/html']) {
    const answer = await ask(accept)
    t.match([answer.statusCode, answer.headers.location], [302, '/docs'], accept)
    t.match(answer.headers.vary, /Accept/)
  }
  for (const accept of [
    undefined,
    '*/*',
    'application/json',
    'application/json, text/html',
    'image/png',
    '',
  ]) {
    const answer = await ask(accept)
    t.equal(answer.statusCode, 200, String(accept))
    t.same(answer.json(), { name: 'Univera', version: '0.1.0', docs: '/docs', health: '/health/ready' })
  }
  for (const url of Object.values((await ask('*/*')).json()).slice(2))
    t.equal((await app.inject(String(url))).statusCode, 200, String(url))
})

t.test('there is an icon, and nothing for search engines', async (t) => {
  const { app } = await startWithAdmin(t)
  const icon = await app.inject('/favicon.ico')
  t.match([icon.statusCode, icon.headers['content-type']], [200, 'image/x-icon'])
  t.same(icon.rawPayload.subarray(0, 4), Buffer.from([0, 0, 1, 0]), 'an ICO file')
  const robots = await app.inject('/robots.txt')
  t.match(robots.headers['content-type'], /^text\/plain/)
  t.match(robots.body, /^User-agent: \*\nDisallow: \/\n$/)
})
