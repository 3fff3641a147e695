// The witness: a caller of another tenant, in a thread of its own so that the attack's work in the test's process delays
// nothing here. Reads a record by its id again and again, and does a bit of everything else in between.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { httpClient, type Send, tokenOf } from './http-client.ts'

export interface WitnessAccount {
  url: string
  username: string
  password: string
}

export interface WitnessReport {
  /** By step and status: `GET 200`. */
  statuses: Record<string, number>
  /** Milliseconds of each GET by id. */
  gets: number[]
}

const PAUSE = 10

type Step = (send: Send, id: string, account: WitnessAccount) => Promise<{ name: string; status: number }>

const named =
  (name: string, act: (...args: Parameters<Step>) => Promise<{ status: number }>): Step =>
  async (...args) => ({ name, status: (await act(...args)).status })

const GET = named('GET', (send, id) => send('GET', `/note/${id}`))

/** What is done besides, every so many turns. */
const OTHERS: { every: number; step: Step }[] = [
  { every: 7, step: named('LIST', (send) => send('GET', '/note/?order=id.desc&limit=20&text=ilike.*a*')) },
  { every: 11, step: named('POST', (send) => send('POST', '/note/', { text: 'a note' })) },
  { every: 31, step: named('PATCH', (send, id) => send('PATCH', `/note/${id}`, { text: 'another' })) },
  {
    every: 53,
    step: named('EXPORT', (send) => send('GET', '/note/', undefined, { accept: 'application/x-ndjson' })),
  },
  {
    every: 97,
    step: named('IMPORT', (send) => send('POST', '/note/', 'text\na\n', { 'content-type': 'text/csv' })),
  },
  {
    every: 61,
    step: named('SIGN-IN', (send, _id, { username, password }) =>
      send('POST', '/auth/token', { username, password }),
    ),
  },
]

async function testify(account: WitnessAccount, ready: () => void): Promise<WitnessReport> {
  const { url, username, password } = account
  const send = httpClient({ url }, await tokenOf(httpClient({ url }), username, password))
  const { text } = await send('POST', '/note/', { text: 'mine' })
  const id = (JSON.parse(text) as { id: string }).id
  const report: WitnessReport = { statuses: {}, gets: [] }
  ready()
  for (let turn = 1; !over; turn++) {
    const { step } = OTHERS.find(({ every }) => turn % every === 0) ?? { step: GET }
    const began = performance.now()
    const { name, status } = await step(send, id, account)
    const key = `${name} ${status}`
    report.statuses[key] = (report.statuses[key] ?? 0) + 1
    if (step === GET) report.gets.push(performance.now() - began)
    await sleep(PAUSE)
  }
  return report
}

/** Calls the witness, who is signed in and reading when this resolves. */
export async function callWitness(account: WitnessAccount): Promise<{ dismiss(): Promise<WitnessReport> }> {
  const worker = new Worker(new URL(import.meta.url), { workerData: account })
  await once(worker, 'message')
  const report = once(worker, 'message')
  report.catch(() => {})
  return {
    async dismiss() {
      worker.postMessage('over')
      return (await report)[0] as WitnessReport
    },
  }
}

let over = false

if (!isMainThread && parentPort !== null) {
  const port = parentPort
  port.once('message', () => {
    over = true
  })
  port.postMessage(await testify(workerData as WitnessAccount, () => port.postMessage('ready')))
  port.close()
}
