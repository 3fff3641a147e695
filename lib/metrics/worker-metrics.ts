// The metrics of several workers as one text: the first process asks all of them, on behalf of its own port or of the worker
// that was asked. Who does not answer in time is left out, and counted.
import type { ChildProcess } from 'node:child_process'
import { mergeTexts } from './exposition.ts'

/** `ask` wants the text of one worker, `ask-all` the text of all; an answer has the number of its question. */
interface Message {
  univera: 'ask' | 'ask-all' | 'answer'
  question: number
  text?: string
}

type Peer = Pick<ChildProcess, 'send' | 'on' | 'connected'> & { off: ChildProcess['off'] }

/** Milliseconds that a worker has to answer; Prometheus gives ten seconds to all. */
const PATIENCE = 3000

const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && 'univera' in value && 'question' in value

/** Questions to processes at the other end of a channel. */
class Questions {
  #last = 0

  /** The answer; null when there is none in time. */
  ask(peer: Peer, kind: 'ask' | 'ask-all', patience = PATIENCE): Promise<string | null> {
    const question = ++this.#last
    return new Promise((resolve) => {
      const done = (text: string | null) => {
        clearTimeout(timer)
        peer.off('message', listen)
        resolve(text)
      }
      const listen = (message: unknown) => {
        if (isMessage(message) && message.univera === 'answer' && message.question === question)
          done(message.text ?? null)
      }
      const timer = setTimeout(done, patience, null)
      peer.on('message', listen)
      if (peer.connected)
        peer.send({ univera: kind, question } satisfies Message, (error) => error && done(null))
      else done(null)
    })
  }
}

/** Answers questions that come over a channel. */
function onQuestion(peer: Peer, kind: 'ask' | 'ask-all', read: () => Promise<string>): void {
  peer.on('message', (message: unknown) => {
    if (!isMessage(message) || message.univera !== kind) return
    const { question } = message
    read()
      .then(
        (text) =>
          peer.connected && peer.send({ univera: 'answer', question, text } satisfies Message, () => {}),
      )
      .catch(() => {})
  })
}

/** In the first process: the metrics of all workers. */
export class WorkersMetrics {
  readonly #questions = new Questions()
  readonly #workers = new Set<Peer>()

  /** Takes in a worker until it ends. */
  add(worker: ChildProcess): void {
    this.#workers.add(worker)
    worker.on('exit', () => this.#workers.delete(worker))
    onQuestion(worker, 'ask-all', () => this.text())
  }

  /** The text of all workers that answer. */
  async text(): Promise<string> {
    const answers = await Promise.all([...this.#workers].map((worker) => this.#questions.ask(worker, 'ask')))
    const texts = answers.filter((text) => text !== null)
    const silent = `# HELP univera_workers_silent Workers that did not answer in time and whose metrics are missing here
# TYPE univera_workers_silent gauge
univera_workers_silent ${answers.length - texts.length}`
    return mergeTexts([...texts, silent])
  }
}

/** In a worker: lends its own text to the first process, and reads that of all. */
export function shareMetrics(ownText: () => Promise<string>): () => Promise<string> {
  const first = process as unknown as Peer
  const questions = new Questions()
  onQuestion(first, 'ask', ownText)
  return async () => (await questions.ask(first, 'ask-all', 2 * PATIENCE)) ?? ownText()
}
