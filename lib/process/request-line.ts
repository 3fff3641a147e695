// The line of the log that says how a request was answered: for whom, on which route, how, and how long it took. Of the URL
// it shows the shape, not the values.
import { withoutValues } from './logger.ts'

interface LoggedCaller {
  id: string | null
  tenant: { name: string }
}

/** What of a request the line shows; Fastify's request has this shape. */
export interface AnsweredRequest {
  method: string
  url: string
  routeOptions: { url?: string | undefined }
  caller?: LoggedCaller | null
  databaseTime?: { milliseconds: number } | null
  /** Who has sent a request that no route takes; null: it is not known. */
  sender?: LoggedCaller | null
  /** The route that the path has for other methods; undefined: there is none. */
  routeOfPath?: () => string | undefined
}

export interface Answer {
  status: number
  /** Milliseconds since the request has arrived. */
  milliseconds: number
  /** The code of a refusal. */
  code?: string
  /** Whose request it was, if it went no further than that. */
  caller?: LoggedCaller | undefined
}

const rounded = (milliseconds: number) => Math.round(milliseconds * 10) / 10

/** The fields of the line; `ms` is milliseconds in all, `db_ms` those in the database. */
export function requestLine(request: AnsweredRequest, answer: Answer): object {
  const { method, url, routeOptions, databaseTime } = request
  const { status, milliseconds, code, caller = request.caller ?? request.sender } = answer
  return {
    tenant: caller?.tenant.name,
    user: caller?.id ?? undefined,
    method,
    route: (status === 405 ? request.routeOfPath?.() : undefined) ?? routeOptions.url,
    url: withoutValues(url),
    status,
    code,
    ms: rounded(milliseconds),
    db_ms: rounded(databaseTime?.milliseconds ?? 0),
  }
}
