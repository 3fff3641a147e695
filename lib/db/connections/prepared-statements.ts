// The statements prepared on connections. A prepared statement costs memory in every backend, some seventy times its text, so
// both are bounded: the names that all connections share, a tenant's part of them too, and the texts on each connection. Texts
// depend on the query's shape only, so a few hundred names serve any number of entities; a huge text has none.

export interface NameLimits {
  /** Names in all. */
  all: number
  /** Names for the texts that one tenant has brought. */
  tenant: number
  /** Characters of a text. */
  text: number
}

/** Characters of a text that is huge: to plan it once takes megabytes. */
export const HUGE_TEXT = 32_768

/** Beyond these a text is parsed each time. */
const LIMITS: NameLimits = { all: 300, tenant: 100, text: HUGE_TEXT }

interface Entry {
  readonly name: string
  readonly tenantId: string
}

/** Names for texts to be prepared under. */
export class PreparedNames {
  /** By text, in the order of their last use. */
  readonly #entries = new Map<string, Entry>()
  readonly #ofTenant = new Map<string, number>()
  readonly #limits: NameLimits

  constructor(limits = LIMITS) {
    this.#limits = limits
  }

  /** The name of a text, which no other has meanwhile; '' for one that is not worth a name. */
  of(text: string, tenantId: string): string {
    const known = this.#entries.get(text)
    if (known === undefined) return text.length > this.#limits.text ? '' : this.#add(text, tenantId)
    this.#entries.delete(text)
    this.#entries.set(text, known)
    return known.name
  }

  /** Names a text like the least recently used one: of the tenant where it has its share, else of all. */
  #add(text: string, tenantId: string): string {
    const { all, tenant } = this.#limits
    const own = this.#ofTenant.get(tenantId) ?? 0
    const freed =
      own < tenant && this.#entries.size < all ? undefined : this.#evict(own < tenant ? null : tenantId)
    const name = freed ?? `s${this.#entries.size}`
    this.#entries.set(text, { name, tenantId })
    this.#ofTenant.set(tenantId, (this.#ofTenant.get(tenantId) ?? 0) + 1)
    return name
  }

  /** @param of whose text goes; null: anybody's */
  #evict(of: string | null): string | undefined {
    for (const [text, { name, tenantId }] of this.#entries) {
      if (of !== null && tenantId !== of) continue
      this.#entries.delete(text)
      const left = (this.#ofTenant.get(tenantId) ?? 0) - 1
      if (left > 0) this.#ofTenant.set(tenantId, left)
      else this.#ofTenant.delete(tenantId)
      return name
    }
    return undefined
  }
}

/** Characters of all texts on one connection. */
const LARGEST = 2 ** 19

/** The texts prepared on one connection, or sent to be, by their names. */
export class PreparedTexts {
  readonly #texts = new Map<string, string>()
  #size = 0

  has(name: string, text: string): boolean {
    return this.#texts.get(name) === text
  }

  set(name: string, text: string): void {
    this.delete(name)
    this.#texts.set(name, text)
    this.#size += text.length
  }

  delete(name: string): void {
    this.#size -= this.#texts.get(name)?.length ?? 0
    this.#texts.delete(name)
  }

  /** Forgets texts until the others fit, the oldest first, but none that is needed now; the names to close. */
  outgrown(needed: ReadonlySet<string>): string[] {
    const outgrown: string[] = []
    for (const name of this.#texts.keys()) {
      if (this.#size <= LARGEST) break
      if (needed.has(name)) continue
      this.delete(name)
      outgrown.push(name)
    }
    return outgrown
  }
}
