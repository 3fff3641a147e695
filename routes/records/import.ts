// Creates the records of a CSV or NDJSON body. The answer is the one to a JSON array, and goes through a temporary file: it
// begins only when everything is stored.

import type { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { errors } from '../../lib/errors.ts'
import type { Spool } from '../../lib/files/spool.ts'
import { CsvRows } from '../../lib/import/csv-rows.ts'
import { type Imported, type ImportOutcome, importRecords } from '../../lib/import/import-store.ts'
import type { RowParser } from '../../lib/import/incoming-row.ts'
import { NdjsonRows } from '../../lib/import/ndjson-rows.ts'
import { outcomeJson } from '../../lib/records/create/row-outcome.ts'
import type { RecordText } from '../../lib/records/format/record-text.ts'
import { rowReader } from './body.ts'
import { setOutcome } from './create.ts'
import type { ImportBody } from './import-body.ts'
import { JSON_REPRESENTATION, sendRecords, textOf } from './representation.ts'
import type { RecordRequest } from './request.ts'
import { type CreateRequest, parseCreateRequest } from './write-request.ts'

export async function importRecordsOf(request: RecordRequest, reply: FastifyReply) {
  const create = await parseCreateRequest(request, reply)
  requirePlainAnswer(create)
  const { actor, preferences, represents, single } = create
  const { server } = request
  const body = request.body as ImportBody
  const partial = preferences.bulk === 'partial'
  const spool = partial || (represents && !single) ? await reply.openSpool() : undefined
  const writer = new AnswerWriter(spool, partial ? outcomesFormat(create) : recordsFormat(create))
  const imported = await server.importTurns.run(actor.caller.tenant.id, () =>
    importRecords(server, actor, {
      ...create,
      text: () => body.text(),
      parser: () => parserOf(request, create, body),
      read: rowReader(request, body.csv === undefined ? create : withFieldNames(create)),
      partial,
      begin: () => writer.begin(),
      tell: (outcomes) => writer.add(outcomes),
      clock: server.clock,
    }),
  )
  // What is stored is stored: from here on nothing is written that might find no room.
  setStatus(reply, create, imported)
  if (spool !== undefined) return sendSpool(reply, create, writer.whole(spool))
  if (!single || imported.last === undefined) return reply.send()
  return sendRecords(reply, [imported.last.record], create.representation, create.answer.outputs)
}

/** The rows of CSV have the names of fields already. */
function withFieldNames(create: CreateRequest): CreateRequest {
  const { columnSources: _, ...query } = create.query
  return { ...create, query }
}

/** What is written batch by batch is answered batch by batch: nothing in it depends on the rest. */
function requirePlainAnswer({ answer }: CreateRequest): void {
  if (!answer.apart) return
  const hint = 'Take Prefer: return=minimal and read the records afterwards, or send a JSON array.'
  throw errors.malformedQuery('An import answers with plain fields in the order of its rows.', hint)
}

/** A row may be as long as a body that holds one record. */
function parserOf({ server }: RecordRequest, create: CreateRequest, { csv: format }: ImportBody): RowParser {
  const longest = server.settings.BODY_LIMIT
  if (format === undefined) return new NdjsonRows(longest)
  const { actor, query, preferences, merge } = create
  const { visible, settable } = actor.policy
  return new CsvRows({
    longest,
    visible,
    settable,
    format,
    columns: query.columns,
    sources: query.columnSources ?? new Map(),
    system: new Set(merge?.target === null ? ['id'] : []),
    emptyIsMissing: preferences.missing === 'default',
  })
}

interface AnswerFormat {
  text: RecordText
  /** The JSON of an outcome in the answer; undefined: it has none. */
  json: (outcome: ImportOutcome) => string | undefined
}

function recordsFormat({ representation, answer }: CreateRequest): AnswerFormat {
  const json = (outcome: ImportOutcome) => ('row' in outcome ? outcome.row?.record : undefined)
  return { text: textOf(representation, answer.outputs), json }
}

function outcomesFormat({ represents }: CreateRequest): AnswerFormat {
  const json = (outcome: ImportOutcome) => outcomeJson(outcome, represents)
  return { text: textOf(JSON_REPRESENTATION, []), json }
}

/** Writes the answer to a temporary file while rows are stored. */
class AnswerWriter {
  readonly #spool: Spool | undefined
  readonly #format: AnswerFormat
  #first = true

  constructor(spool: Spool | undefined, format: AnswerFormat) {
    this.#spool = spool
    this.#format = format
  }

  async begin(): Promise<void> {
    this.#first = true
    await this.#spool?.clear()
    await this.#spool?.append(this.#format.text.start)
  }

  async add(outcomes: readonly ImportOutcome[]): Promise<void> {
    if (this.#spool === undefined) return
    const texts = outcomes.map(this.#format.json).filter((json) => json !== undefined)
    await this.#spool.append(await this.#format.text.records(texts, this.#first))
    this.#first &&= texts.length === 0
  }

  /** The answer with its end, and its length in bytes. */
  whole(spool: Spool): Whole {
    const { end } = this.#format.text
    return { content: spool.stream(end), size: spool.size + Buffer.byteLength(end) }
  }
}

interface Whole {
  content: Readable
  size: number
}

function setStatus(reply: FastifyReply, create: CreateRequest, { count, created, last }: Imported): void {
  if (create.preferences.bulk === 'partial') reply.code(207)
  else setOutcome(reply, create, { count, created, only: count === 1 ? last?.id : undefined })
}

function sendSpool(reply: FastifyReply, create: CreateRequest, { content, size }: Whole) {
  const { contentType } = create.preferences.bulk === 'partial' ? JSON_REPRESENTATION : create.representation
  return reply.type(contentType).header('content-length', size).send(content)
}
