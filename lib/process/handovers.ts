// Connections on their way from the first process to a worker. Node forgets those that a worker was given and has not
// taken when it dies: their clients would wait for ever. Here they are closed, and the clients know.
import type { ChildProcess } from 'node:child_process'

interface Handle {
  close(): void
}

/** What Node's cluster module and its workers tell each other: a connection has a number, and is taken or given back. */
interface Message {
  act?: string
  seq?: number
  ack?: number
}

type Send = (message: Message, handle?: Handle, ...more: unknown[]) => boolean

/** Closes the connections that this worker will have been given and not have taken when it ends. */
export function closeLostHandovers(worker: ChildProcess): void {
  const underWay = new Map<number, Handle>()
  const send = worker.send.bind(worker) as Send
  const sendAndNote: Send = (message, handle, ...more) => {
    if (message.act === 'newconn' && message.seq !== undefined && handle) underWay.set(message.seq, handle)
    return send(message, handle, ...more)
  }
  worker.send = sendAndNote as ChildProcess['send']
  worker.on('internalMessage', ({ ack }: Message) => {
    if (ack !== undefined) underWay.delete(ack)
  })
  worker.on('exit', () => {
    for (const handle of underWay.values()) handle.close()
  })
}
