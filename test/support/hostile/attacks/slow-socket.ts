// A socket that sends a request and then moves as slowly as it likes, until the server or the attack ends it.
import { connect, type Socket } from 'node:net'
import { ATTACKER_ADDRESS, type Attacker } from '../duel.ts'

export interface SlowRequest {
  url: string
  method: string
  path: string
  accept?: string
  /** The content type of a body; it is chunked unless it has a length. */
  type?: string
  length?: number
}

export interface Pace {
  /** What is written again and again. */
  write?: string
  /** Milliseconds between two writes. */
  every?: number
  reads?: boolean | 'slowly'
}

const READ_PAUSE = 1000

function headOf({ method, path, accept, type, length }: SlowRequest, token: string): string {
  const lines = [`${method} ${path} HTTP/1.1`, 'host: x', `authorization: Bearer ${token}`]
  if (accept !== undefined) lines.push(`accept: ${accept}`)
  if (type !== undefined) lines.push(`content-type: ${type}`)
  if (type !== undefined)
    lines.push(length === undefined ? 'transfer-encoding: chunked' : `content-length: ${length}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}

const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`

/** Looks at the status, and then reads at its pace; a refusal ends it. */
function readAtPace(socket: Socket, { reads = true }: Pace, see: Attacker['see']): void {
  socket.once('data', (data) => {
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(String(data))?.[1] ?? 0)
    see({ status, type: '', bytes: 0, text: '' })
    if (status >= 400) return void socket.destroy()
    if (reads === false) return void socket.pause()
  })
  socket.on('data', () => {
    if (reads !== 'slowly') return
    socket.pause()
    setTimeout(() => socket.resume(), READ_PAUSE).unref()
  })
}

export function slowSocket(
  { token, signal, see }: Attacker,
  request: SlowRequest,
  pace: Pace,
): Promise<void> {
  const { hostname, port } = new URL(request.url)
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), localAddress: ATTACKER_ADDRESS })
    const { write, every } = pace
    const text = write !== undefined && request.length === undefined ? chunk(write) : (write ?? '')
    const timer = setInterval(() => {
      if (text !== '' && socket.writableLength < text.length) socket.write(text)
    }, every ?? 1000)
    const end = () => socket.destroy()
    signal.addEventListener('abort', end, { once: true })
    socket.on('connect', () => socket.write(headOf(request, token))).on('error', () => {})
    readAtPace(socket, pace, see)
    socket.on('close', () => {
      clearInterval(timer)
      signal.removeEventListener('abort', end)
      resolve()
    })
  })
}
