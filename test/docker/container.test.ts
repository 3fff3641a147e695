// Dockerfile, the files of Compose and nginx.conf agree on ports, paths and what a container may do.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { startWithAdmin } from '../support/app.ts'
import { services } from '../support/docker/manifests.ts'

const dockerfile = readFileSync('Dockerfile', 'utf8')
const { api, db } = services('docker-compose.yml')
const { proxy } = services('docker-compose.scale.yml')

t.test('one port', async (t) => {
  const [, port = ''] = /^EXPOSE (\d+)$/m.exec(dockerfile) ?? []
  const nginx = readFileSync('nginx.conf', 'utf8')
  t.equal(api?.environment.PORT, Number(port))
  for (const service of [api, proxy]) t.same(service?.ports, [`\${PORT:-8000}:${port}`])
  t.match(nginx, `server api:${port} `)
  t.match(nginx, `listen ${port};`)
  t.match(dockerfile, `process.env.PORT || ${port}`)
})

t.test('the health checks ask what answers', async (t) => {
  const { app } = await startWithAdmin(t)
  const texts = [dockerfile, readFileSync('docker-compose.scale.yml', 'utf8')]
  for (const path of texts.map((text) => /:(?:8000|\$\{.*?\})(\/health\/\w+)/.exec(text)?.[1] ?? 'none')) {
    t.equal((await app.inject(path)).statusCode, 200, path)
  }
})

t.test('it ends at SIGTERM, which reaches the server itself', async (t) => {
  t.match(dockerfile, /^STOPSIGNAL SIGTERM$/m)
  t.match(dockerfile, /^CMD \["node", "dist\/server\.js"\]$/m)
})

t.test('what serves has no rights and writes into its volume alone', async (t) => {
  const NO_RIGHTS = { read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] }
  t.match(api, NO_RIGHTS)
  t.match(proxy, NO_RIGHTS)
  t.match(db?.security_opt, NO_RIGHTS.security_opt)
})

t.test('the image has a list of its packages', async (t) => {
  t.match(dockerfile, /npm sbom .*> sbom\.cdx\.json/)
  t.match(dockerfile, /^COPY --from=packages \/app\/sbom\.cdx\.json \.\/$/m)
})
