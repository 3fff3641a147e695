// Plans that many requests share: those that follow from the query's text, the shape of the entity and the fields that
// may be seen, and from nothing else of entity and caller. Planning and writing the SQL for each request would cost a quarter
// of the server's time for a small read. Bounded, whatever the number of shapes and queries and the size of either. One for each
// server: a plan holds its page limits.
import { LRUCache } from 'lru-cache'
import type { Policy } from '../access/policy.ts'
import { Doorkeeper } from '../cache/doorkeeper.ts'
import type { Entity } from '../entities/entity.ts'
import { readableForm } from '../entities/read-shape.ts'
import { mentionsRelativeMoment } from '../fields/relative-moment.ts'
import type { FilterNode, Query } from '../query/ast.ts'
import type { Translation } from '../query/former-names.ts'
import { parseQuery } from '../query/parse/parse-query.ts'
import type { FileUrls } from '../query/plan/context.ts'

const QUERIES = 500

const PLANS = 2000

/** Fields of their entities, all together: a plan takes some 300 bytes for each. */
const PLANNED_FIELDS = 100_000

/** Shapes. */
const REMEMBERED = 4096

/** Longer ones rarely come twice. */
const LONGEST_QUERY = 500

/** Characters of a form with what it belongs to; longer ones rarely come twice. */
const LONGEST_FORM = 2000

/** As much of a shape's digest as a number holds exactly. */
const numberOf = (shape: string) => Number.parseInt(shape.slice(0, 13), 16)

/** Whether a filter has a value that goes by the clock, `now-7d`. */
function isOfTheMoment({ where }: Query): boolean {
  return where.some((node) => valuesIn(node).some(mentionsRelativeMoment))
}

function valuesIn(node: FilterNode): string[] {
  if (node.kind === 'condition') return [node.value].flat()
  return node.kind === 'unknown' ? [] : node.nodes.flatMap(valuesIn)
}

/** Whether the plan of a query depends on neither the time nor the place in a list. */
function isLasting(query: Query): boolean {
  return query.cursor === undefined && !isOfTheMoment(query)
}

/** What a plan depends on beside its query; an actor is one. */
export interface Reader {
  entity: Entity
  policy: Pick<Policy, 'read' | 'view'>
  caller: { role: string }
  policyOf(entity: Entity): Policy
  /** All of the tenant at one epoch, for queries that use others: the same object as long as nothing changes. */
  entities: ReadonlyMap<string, Entity>
  fileUrls?: FileUrls | undefined
}

export class PlanCache {
  readonly #queries = new LRUCache<string, Query>({ max: QUERIES })
  readonly #plans = new LRUCache<string, object>({ max: PLANS, maxSize: PLANNED_FIELDS })
  /** The numbers of those parsed queries whose plans may be shared. */
  readonly #serials = new WeakMap<Query, number>()
  #lastSerial = 0
  /** The numbers of the entities of tenants at one epoch. */
  readonly #worlds = new WeakMap<ReadonlyMap<string, Entity>, number>()
  #lastWorld = 0
  /** Lets in shapes that come back: the next request for any other is likely to be for yet another. */
  readonly #returning = new Doorkeeper(REMEMBERED)
  /** Queries in former names, in present ones. */
  readonly #translations = new LRUCache<string, Translation>({ max: QUERIES })
  /** The query for whole records. */
  readonly wholeRecord = this.parse('')

  /** As parseQuery; a query that comes again is the same object. */
  parse(search: string): Query {
    if (search.length > LONGEST_QUERY) return parseQuery(search)
    const known = this.#queries.get(search)
    if (known !== undefined) return known
    const query = parseQuery(search)
    this.#queries.set(search, query)
    if (isLasting(query)) this.#serials.set(query, ++this.#lastSerial)
    return query
  }

  /**
   * A query in present names: translated once for all that may see the same of an entity of this shape.
   *
   * @param key tells apart shapes and what may be seen of them
   */
  translation(query: Query, key: string, translate: () => Translation): Translation {
    const serial = this.#serials.get(query)
    if (serial === undefined) return translate()
    const known = this.#translations.get(`${serial} ${key}`)
    if (known !== undefined) return known
    const translated = translate()
    this.#translations.set(`${serial} ${key}`, translated)
    if (isLasting(translated.query)) this.#serials.set(translated.query, ++this.#lastSerial)
    return translated
  }

  /**
   * The plan that `make` makes of a parsed query for this reader: made once for all that may see the same of an entity of this
   * shape.
   *
   * @param purpose tells apart the plans of one query
   * @param make takes the reader; where the plan is shared, with an entity that has nothing beside its shape
   */
  plan<T extends object, R extends Reader>(
    purpose: string,
    reader: R,
    query: Query,
    make: (reader: R) => T,
  ): T {
    const { entity, policy } = reader
    const serial = this.#serials.get(query)
    if (serial === undefined) return make(reader)
    if (query.usesOthers) return this.#planAmong(`${purpose} ${serial}`, reader, make)
    if (entity.shape === undefined || policy.read !== true) return make(reader)
    const key = `${purpose} ${entity.shape} ${policy.view} ${serial}`
    const known = this.#plans.get(key) as T | undefined
    if (known !== undefined) return known
    if (!this.#returning.passes(numberOf(entity.shape))) return make(reader)
    const made = make({ ...reader, entity: readableForm(entity) })
    this.#plans.set(key, made, { size: 1 + entity.fields.length })
    return made
  }

  /**
   * What `make` makes of the form of a query, for this reader: made once for all that may see the same of an entity of this
   * shape and ask for it in this form.
   */
  ofForm<T extends object>(form: string, { entity, policy }: Reader, make: () => T): T {
    if (entity.shape === undefined || policy.read !== true) return make()
    const key = `${entity.shape} ${policy.view} ${form}`
    const known = this.#plans.get(key) as T | undefined
    if (known !== undefined) return known
    const made = make()
    if (key.length <= LONGEST_FORM) this.#plans.set(key, made, { size: 1 + entity.fields.length })
    return made
  }

  /** A plan that uses other entities: for those who have the caller's role, until anything changes in the tenant. */
  #planAmong<T extends object, R extends Reader>(purpose: string, reader: R, make: (reader: R) => T): T {
    const { entity, entities, caller, fileUrls } = reader
    if (fileUrls?.signing !== undefined) return make(reader)
    const key = [purpose, this.#worldOf(entities), entity.id, fileUrls?.before, caller.role].join(' ')
    const known = this.#plans.get(key) as T | undefined
    if (known !== undefined) return known
    const used = new Map<Entity, Policy>()
    const policyOf = (of: Entity) => {
      const policy = used.get(of) ?? reader.policyOf(of)
      used.set(of, policy)
      return policy
    }
    const made = make({ ...reader, policyOf })
    const size = [...used.keys()].reduce((sum, { fields }) => sum + fields.length, 1)
    if ([...used.values()].every(({ read }) => typeof read === 'boolean'))
      this.#plans.set(key, made, { size })
    return made
  }

  #worldOf(entities: ReadonlyMap<string, Entity>): number {
    const known = this.#worlds.get(entities) ?? ++this.#lastWorld
    this.#worlds.set(entities, known)
    return known
  }
}
