// What was seen while things broke: how each request ended, what must never be, and how long each outage lasted.

/** How a request ended; no status: the connection broke, and nobody knows what became of it. */
export interface Outcome {
  status: number | undefined
  body: unknown
}

export interface Fault {
  name: string
  /** Milliseconds from the fault to the last request that suffered from it. */
  outage: number
  /** Milliseconds of them until what was broken from outside was mended from there. */
  away: number
  refused: number
  broken: number
}

export interface Witness {
  /** What must not be, with how often it was. */
  complaints: Map<string, number>
  statuses: Map<string, number>
  faults: Fault[]
  complain(text: string): void
  /** A fault happens now; what it returns is called when it is mended, unless that is the server's own task. */
  begin(name: string): () => void
  /** Records how a request ended that was sent at `since`; true when it was served, well or refused for a reason of its own. */
  saw(outcome: Outcome, since: number, headers?: Headers): boolean
}

/** The refusals that an outage may bring. */
const NOT_NOW = new Set([429, 503])

/** @param patience milliseconds after a fault, or after it is mended, in which requests may be refused or broken */
export function createWitness(patience: number): Witness {
  const complaints = new Map<string, number>()
  const statuses = new Map<string, number>()
  const faults: Fault[] = []
  let faultAt = Number.NEGATIVE_INFINITY
  let mendedAt = Number.NEGATIVE_INFINITY
  const count = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)
  const complain = (text: string) => {
    count(complaints, text)
  }

  function suffer(what: 'refused' | 'broken', since: number): void {
    const now = performance.now()
    const fault = faults.at(-1)
    if (fault === undefined || since > mendedAt + patience) {
      complain(`${what} without a fault in the last ${patience / 1000} s`)
    } else {
      fault[what] += 1
      fault.outage = now - faultAt
    }
  }

  return {
    complaints,
    statuses,
    faults,
    complain,
    begin(name) {
      const fault = { name, outage: 0, away: 0, refused: 0, broken: 0 }
      faults.push(fault)
      faultAt = performance.now()
      mendedAt = Number.POSITIVE_INFINITY
      return () => {
        mendedAt = performance.now()
        fault.away = mendedAt - faultAt
      }
    },
    saw({ status, body }, since, headers) {
      count(statuses, String(status ?? 'broken'))
      if (status === undefined) suffer('broken', since)
      else if (NOT_NOW.has(status)) {
        suffer('refused', since)
        if (!headers?.has('retry-after')) complain(`a ${status} without Retry-After`)
      }
      if (status !== undefined && status >= 400 && !isProblem(body, headers, status))
        complain(`a ${status} that is no problem+json: ${JSON.stringify(body).slice(0, 200)}`)
      if (status !== undefined && status >= 500 && status !== 503) complain(`a ${status}`)
      return status !== undefined && !NOT_NOW.has(status)
    },
  }
}

function isProblem(body: unknown, headers: Headers | undefined, status: number): boolean {
  const type = headers?.get('content-type') ?? ''
  return (
    type.startsWith('application/problem+json') && (body as { status?: number } | null)?.status === status
  )
}
