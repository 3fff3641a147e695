// The manifests of Kubernetes name settings, ports and paths that there are, and one another.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { parseSettings, settingNames } from '../../lib/config.ts'
import { startWithAdmin } from '../support/app.ts'
import { type Container, MANIFESTS, manifest, manifestFiles } from '../support/docker/manifests.ts'

interface Deployment {
  spec: {
    replicas: number
    selector: { matchLabels: object }
    template: { metadata: { labels: object }; spec: Pod }
  }
}

interface Pod {
  containers: Container[]
  securityContext: object
  terminationGracePeriodSeconds: number
  volumes: { name: string; persistentVolumeClaim: { claimName: string } }[]
}

const { spec } = manifest<Deployment>('deployment.yaml')
const pod = spec.template.spec
const container = pod.containers[0] as Container

const { data: config } = manifest<{ data: Record<string, string> }>('config.yaml')
const { stringData: secret } = manifest<{ stringData: Record<string, string> }>('secret.example.yaml')

/** What the container gets from the manifests, with a secret of one's own. */
function environment(own: Record<string, string>): Record<string, string> {
  return { ...config, ...own, ...Object.fromEntries(container.env.map(({ name, value }) => [name, value])) }
}

t.test('they name only settings that there are, also where they are comments', async (t) => {
  const named = (name: string) =>
    readFileSync(`${MANIFESTS}/${name}`, 'utf8').match(/\b[A-Z0-9]+(?:_[A-Z0-9]+)+(?=:)/g)
  const names = [...manifestFiles().flatMap((name) => named(name) ?? []), ...Object.keys(environment(secret))]
  t.ok(names.length > 10)
  for (const name of names) t.ok((settingNames as readonly string[]).includes(name), name)
})

t.test('the server starts with them and a secret, and not with the example of one', async (t) => {
  const { DATABASE_URL = '' } = secret
  const settings = parseSettings(
    environment({ DATABASE_URL, SECRET_KEY: 'a secret for tests only, 32 bytes' }),
  )
  t.same(container.ports, [
    { name: 'http', containerPort: settings.PORT },
    { name: 'metrics', containerPort: settings.METRICS_PORT },
  ])
  const [mount] = container.volumeMounts
  t.equal(settings.DATA_DIR, mount?.mountPath)
  t.ok(settings.FILE_STORAGE_PATH.startsWith(`${mount?.mountPath}/`))
  t.throws(() => parseSettings(environment(secret)), { message: /SECRET_KEY/ })
})

t.test('its probes ask what answers', async (t) => {
  const { app } = await startWithAdmin(t)
  const { startupProbe, livenessProbe, readinessProbe } = container
  for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe]) {
    t.equal((await app.inject(httpGet.path)).statusCode, 200, httpGet.path)
    t.equal(httpGet.port, 'http')
  }
})

t.test('they name one another', async (t) => {
  const { labels } = spec.template.metadata
  const service = manifest<{ metadata: { name: string }; spec: { selector: object; ports: object[] } }>(
    'service.yaml',
  )
  const budget = manifest<{ spec: { minAvailable: number; selector: object } }>('disruption-budget.yaml')
  const policy = manifest<{ spec: { podSelector: object; ingress: { ports: object[] }[] } }>(
    'network-policy.yaml',
  )
  t.same(spec.selector, { matchLabels: labels })
  t.same(service.spec.selector, labels)
  t.same(budget.spec.selector, { matchLabels: labels })
  t.ok(budget.spec.minAvailable < spec.replicas)
  t.same(policy.spec.podSelector, { matchLabels: labels })
  t.same(
    policy.spec.ingress.flatMap(({ ports }) => ports),
    container.ports.map(({ name }) => ({ port: name })),
  )
  t.match(service.spec.ports, [{ name: 'http', targetPort: 'http' }])
  const { metadata } = manifest<{ metadata: { name: string } }>('files.yaml')
  t.equal(pod.volumes[0]?.persistentVolumeClaim.claimName, metadata.name)
  const backend = { service: { name: service.metadata.name, port: { name: 'http' } } }
  t.match(manifest('ingress.example.yaml'), {
    spec: { rules: [{ http: { paths: [{ path: '/', backend }] } }] },
  })
  const names = ['config.yaml', 'secret.example.yaml'].map(
    (file) => manifest<typeof service>(file).metadata.name,
  )
  t.same(container.envFrom, [{ configMapRef: { name: names[0] } }, { secretRef: { name: names[1] } }])
})

t.test('the container has no rights and time to end in order', async (t) => {
  t.match(readFileSync('Dockerfile', 'utf8'), /^USER 1000:1000$/m)
  t.match(pod.securityContext, { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 })
  t.match(container.securityContext, {
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
  })
  const [, seconds] = container.lifecycle.preStop.exec.command
  t.ok(pod.terminationGracePeriodSeconds > Number(seconds) + 10)
})

t.test('kubectl apply -k has all of them but the examples', async (t) => {
  const { resources } = manifest<{ resources: string[] }>('kustomization.yaml')
  const own = manifestFiles().filter((name) => !/example|kustomization/.test(name))
  t.same(resources, own.sort())
})
