// A writer that changes records of its own by every route there is, and keeps account of what their `size` has to be. It sends
// texts while that is a text, and numbers once it has become one.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Send } from '../indexing/entity.ts'

/** A refusal that nothing explains. */
export interface Complaint {
  route: string
  status: number
  body: string
}

export class RouteWriter {
  /** By the name of the record; null: unset. Absent: deleted. */
  readonly sizes = new Map<string, number | null>()
  readonly complaints: Complaint[] = []
  /** Milliseconds that each write took. */
  readonly times: number[] = []
  #form: 'text' | 'number' = 'text'
  readonly #send: Send
  readonly #prefix: string
  #made = 0

  constructor(send: Send, prefix: string) {
    this.#send = send
    this.#prefix = prefix
  }

  /** Writes by one route after the other, until told to end. @param pause milliseconds between two */
  async run(isEnded: () => boolean, pause = 0): Promise<void> {
    const routes = [
      () => this.#create(),
      () => this.#createMany(),
      () => this.#change(),
      () => this.#replace(),
      () => this.#changeMatching(),
      () => this.#merge(),
      () => this.#import(),
      () => this.#rename(),
      () => this.#unset(),
      () => this.#remove(),
    ]
    for (let n = 0; !isEnded(); n++) {
      await routes[n % routes.length]?.()
      if (pause > 0) await sleep(Math.random() * 2 * pause)
    }
  }

  #name(): string {
    this.#made += 1
    return `${this.#prefix}-${this.#made}`
  }

  #any(): string {
    const names = [...this.sizes.keys()]
    return names[Math.floor(Math.random() * names.length)] as string
  }

  /** Sends a body made for the present form; once more in the other form when it is refused for the form alone. */
  async #write(
    route: string,
    request: (size: (value: number) => unknown) => ReturnType<Send>,
  ): Promise<boolean> {
    const began = performance.now()
    for (let tries = 0; ; tries++) {
      const form = this.#form
      const answer = await request((value) => (form === 'text' ? String(value) : value))
      if (answer.statusCode < 300) {
        this.times.push(performance.now() - began)
        return true
      }
      const present = await this.#presentForm()
      if (tries < 3 && answer.statusCode === 400 && present !== form) {
        this.#form = present
        continue
      }
      this.complaints.push({ route, status: answer.statusCode, body: answer.body })
      return false
    }
  }

  async #presentForm(): Promise<'text' | 'number'> {
    const { fields } = (await this.#send('GET', '/schemas/item')).json()
    const size = fields.find(({ name }: { name: string }) => name === 'size')
    return size.type === 'integer' ? 'number' : 'text'
  }

  async #idOf(name: string): Promise<string> {
    const [found] = (await this.#send('GET', `/item/?name=eq.${name}&select=id`)).json()
    return found?.id ?? 'none'
  }

  #value(): number {
    return Math.floor(Math.random() * 1_000_000)
  }

  async #create() {
    const [name, value] = [this.#name(), this.#value()]
    if (await this.#write('create', (size) => this.#send('POST', '/item/', { name, size: size(value) })))
      this.sizes.set(name, value)
  }

  async #createMany() {
    const rows = [1, 2, 3].map(() => ({ name: this.#name(), value: this.#value() }))
    const body = (size: (value: number) => unknown) =>
      rows.map(({ name, value }) => ({ name, size: size(value) }))
    if (await this.#write('create many', (size) => this.#send('POST', '/item/', body(size))))
      for (const { name, value } of rows) this.sizes.set(name, value)
  }

  async #change() {
    const [name, value] = [this.#any(), this.#value()]
    const id = await this.#idOf(name)
    if (await this.#write('change', (size) => this.#send('PATCH', `/item/${id}`, { size: size(value) })))
      this.sizes.set(name, value)
  }

  async #replace() {
    const [name, value] = [this.#any(), this.#value()]
    const id = await this.#idOf(name)
    if (await this.#write('replace', (size) => this.#send('PUT', `/item/${id}`, { name, size: size(value) })))
      this.sizes.set(name, value)
  }

  async #changeMatching() {
    const [name, value] = [this.#any(), this.#value()]
    const url = `/item/?name=eq.${name}`
    if (await this.#write('change matching', (size) => this.#send('PATCH', url, { size: size(value) })))
      this.sizes.set(name, value)
  }

  async #merge() {
    const rows = [this.#any(), this.#name()].map((name) => ({ name, value: this.#value() }))
    const prefer = { prefer: 'resolution=merge-duplicates' }
    const body = (size: (value: number) => unknown) =>
      rows.map(({ name, value }) => ({ name, size: size(value) }))
    const url = '/item/?on_conflict=name'
    if (await this.#write('merge', (size) => this.#send('POST', url, body(size), prefer)))
      for (const { name, value } of rows) this.sizes.set(name, value)
  }

  async #import() {
    const [name, value] = [this.#name(), this.#value()]
    const type = { 'content-type': 'text/csv' }
    if (
      await this.#write('import', () => this.#send('POST', '/item/', `name,size\n${name},${value}\n`, type))
    )
      this.sizes.set(name, value)
  }

  /** A write that does not name `size`. */
  async #rename() {
    const before = this.#any()
    const [id, name] = [await this.#idOf(before), this.#name()]
    if (!(await this.#write('rename', () => this.#send('PATCH', `/item/${id}`, { name })))) return
    this.sizes.set(name, this.sizes.get(before) ?? null)
    this.sizes.delete(before)
  }

  async #unset() {
    const name = this.#any()
    if (await this.#write('unset', () => this.#send('PATCH', `/item/?name=eq.${name}`, { size: null })))
      this.sizes.set(name, null)
  }

  async #remove() {
    const name = this.#any()
    if (await this.#write('remove', () => this.#send('DELETE', `/item/?name=eq.${name}`)))
      this.sizes.delete(name)
  }
}
