// Requests in former names of fields and entities: their queries and bodies in the present ones, and the headers that say
// until when the former ones are in force (RFC 9745, RFC 8594).
import { isDeepStrictEqual } from 'node:util'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FieldAlias } from '../../lib/entities/entity.ts'
import { errors } from '../../lib/errors.ts'
import type { Query } from '../../lib/query/ast.ts'
import { inPresentNames } from '../../lib/query/former-names.ts'
import type { Actor } from '../../lib/records/actor.ts'
import { aliasesFor, namedEntity } from '../../lib/records/former-names.ts'

type EntityRequest = FastifyRequest<{ Params: { entity: string; id: string } }>

type Members = Record<string, unknown>

/** Where the docs explain former names. */
const ABOUT = '</docs>; rel="deprecation"'

/**
 * The query in present names, for a request that embeds, or whose entity was renamed or has renamed fields.
 *
 * @param expand whether whole records have their former names, too
 */
export async function inNamesOfToday(
  request: EntityRequest,
  reply: FastifyReply,
  { actor, query, expand }: { actor: Actor; query: Query; expand: boolean },
): Promise<Query> {
  const { registry, plans } = request.server
  const { entity, caller, policy } = actor
  const embeds = query.select.some(({ kind }) => kind === 'embed')
  const isFormer = entity.name !== request.params.entity
  const former = await registry.formerNames(caller.tenant)
  if (former.length === 0) return query
  const entities = new Map(former.flatMap(({ key, name, present }) => (key === '' ? [[name, present]] : [])))
  const translate = () => inPresentNames(query, namedEntity(actor, entity, entities), expand)
  const key = `${entity.shape} ${policy.view} ${expand}`
  const { query: present, used } = embeds ? translate() : plans.translation(query, key, translate)
  const names = [...used, ...usedInBody(actor, request.body), ...(isFormer ? [request.params.entity] : [])]
  const mentioned = former.filter((one) => names.includes(one.name) && (embeds || one.entityId === entity.id))
  markDeprecated(reply, mentioned)
  for (const one of mentioned) request.server.aliasUse.note(caller.tenant, one)
  return present
}

/** Of a list the first body speaks for all. */
function usedInBody(actor: Actor, sent: unknown): string[] {
  const body = Array.isArray(sent) ? sent[0] : sent
  if (typeof body !== 'object' || body === null) return []
  return aliasesFor(actor, actor.entity).flatMap(({ name }) => (Object.hasOwn(body, name) ? [name] : []))
}

/** Says that what the request names is called otherwise now; the name that ends first counts. */
function markDeprecated(reply: FastifyReply, used: readonly Pick<FieldAlias, 'since' | 'until'>[]): void {
  if (used.length === 0) return
  const seconds = Math.floor(Math.min(...used.map(({ since }) => Date.parse(since))) / 1000)
  const until = Math.min(...used.map((one) => Date.parse(one.until)))
  reply.header('deprecation', `@${seconds}`).header('sunset', new Date(until).toUTCString())
  const link = reply.getHeader('link')
  reply.header('link', link === undefined ? ABOUT : `${String(link)}, ${ABOUT}`)
}

/** Which of two values of a field counts; undefined: neither. */
export type Settle = (name: string, values: { present: unknown; former: unknown }) => unknown

/** The former names of fields that the caller may use, each with the present one. */
function fieldNames(actor: Actor): [former: string, present: string][] {
  const names = new Map(actor.entity.fields.map(({ key, name }) => [key, name]))
  return aliasesFor(actor, actor.entity).map(({ name, key }) => [name, names.get(key) as string])
}

/** A function that puts the members of a body under their present names; errors.aliasConflict. */
export function bodyNames(actor: Actor, settle?: Settle): (body: unknown) => unknown {
  const aliases = fieldNames(actor)
  return (body) => {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
    return aliases.reduce((members, names) => underPresentName(members, names, settle), body as Members)
  }
}

function underPresentName(body: Members, [alias, name]: readonly [string, string], settle?: Settle): Members {
  if (!Object.hasOwn(body, alias)) return body
  const { [alias]: former, ...rest } = body
  if (!Object.hasOwn(rest, name) || isDeepStrictEqual(rest[name], former)) return { ...rest, [name]: former }
  const settled = settle?.(name, { present: rest[name], former })
  if (settled === undefined) throw errors.aliasConflict(name, alias)
  return { ...rest, [name]: settled }
}

/** Of two values the one that is not the stored one; errors.aliasConflict when both differ from it. */
export const settleBy =
  (stored: Members): Settle =>
  (name, { present, former }) => {
    if (isDeepStrictEqual(stored[name], former)) return present
    return isDeepStrictEqual(stored[name], present) ? former : undefined
  }

/** True when a body gives a field under its present and a former name. */
export function namesTwice(actor: Actor, body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false
  return fieldNames(actor).some((names) => names.every((name) => Object.hasOwn(body, name)))
}
