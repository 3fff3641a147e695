// The dashboard and the alert rules name only metrics and labels that the server has.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { mergeTexts } from '../../lib/metrics/exposition.ts'
import { WorkersMetrics } from '../../lib/metrics/worker-metrics.ts'
import { asAdmin, startWithAdmin } from '../support/app.ts'
import { samplesOf } from '../support/metrics/samples.ts'

const TOKEN = 'a-token-for-the-metrics'

interface Dashboard {
  panels: { title: string; targets: { expr: string }[] }[]
}

const dashboard: Dashboard = JSON.parse(readFileSync('docs/watching/dashboard.json', 'utf8'))

const alerts = readFileSync('docs/watching/alerts.yml', 'utf8')

/** Names of metrics in an expression. */
const namesIn = (text: string) => text.match(/\b(?:univera|process|nodejs)_[a-z0-9_]+/g) ?? []

/** Labels that an expression groups or selects by, beside those that Prometheus adds. */
function labelsIn(text: string): string[] {
  const grouped = [...text.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/, */))
  const selected = [...text.matchAll(/([a-z]+)=~?"/g)].map(([, label = '']) => label)
  return [...grouped, ...selected].filter((label) => !['job', 'instance'].includes(label))
}

t.test('every metric that they name is in what the server says', async (t) => {
  const { app } = await startWithAdmin(t, { METRICS_TOKEN: TOKEN })
  await (await asAdmin(app))('GET', '/schemas')
  await app.inject('/nothing')
  const own = (await app.inject({ url: '/metrics', headers: { authorization: `Bearer ${TOKEN}` } })).body
  const samples = samplesOf(mergeTexts([own, await new WorkersMetrics().text()]))
  const known = new Set(samples.map(({ name }) => name))
  const labels = new Set(['worker', ...samples.flatMap((sample) => Object.keys(sample.labels))])
  const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
  const texts = [...expressions, ...alerts.split(/- alert: /)]
  t.ok(expressions.length >= 15)
  for (const text of texts) {
    for (const name of namesIn(text)) t.ok(known.has(name), name)
    for (const label of labelsIn(text)) t.ok(labels.has(label), `${label} in ${text}`)
  }
  const shown = new Set(texts.flatMap(namesIn).map((name) => name.replace(/_(?:bucket|sum|count)$/, '')))
  const measured = [...own.matchAll(/^# TYPE (univera_\S+)/gm)].map(([, name = '']) => name)
  t.strictSame(
    measured.filter((name) => !shown.has(name)),
    [],
    'and all that is measured is shown',
  )
})
