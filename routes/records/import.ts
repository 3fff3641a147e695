// Creating the records of a CSV or NDJSON body. The answer is what a JSON array is answered with, and goes through a
// temporary file: it begins only when everything is stored.

import type { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { errors } from '../../lib/errors.ts'
import type { Spool } from '../../lib/files/spool.ts'
import { CsvRows } from '../../lib/import/csv-rows.ts'
import {
  type Imported,
  type ImportOptions,
  type ImportOutcome,
  importRecords,
} from '../../lib/import/import-store.ts'
import type { RowParser } from '../../lib/import/incoming-row.ts'
import { NdjsonRows } from '../../lib/import/ndjson-rows.ts'
import { outcomeJson } from '../../lib/records/create/row-outcome.ts'
import type { RecordText } from '../../lib/records/format/record-text.ts'
import { JSON_TYPE } from '../query-request.ts'
import type { ImportBody } from './import-body.ts'
import { textOf } from './representation.ts'
import type { RecordRequest } from './request.ts'
import { mergeOf, rowReader } from './rows.ts'
import { sendRows, setOutcome, type WriteRequest, writeRequestOf } from './write-request.ts'

const HONOURED = ['return', 'count', 'resolution', 'missing', 'tx', 'bulk'] as const

export async function importRecordsOf(request: RecordRequest, reply: FastifyReply, body: ImportBody) {
  const write = await writeRequestOf(request, reply, HONOURED)
  requirePlainAnswer(write)
  const partial = write.preferences.bulk === 'partial'
  const answer = partial || (write.represents && !write.single) ? await reply.openSpool() : undefined
  const teller = new AnswerWriter(answer, partial ? outcomesText(write) : recordsText(write))
  const { server } = request
  const imported = await server.importTurns.run(write.actor.caller.tenant.id, () =>
    importRecords(server, write.actor, {
      ...importOptions(request, write, body),
      partial,
      begin: () => teller.begin(),
      tell: (outcomes) => teller.tell(outcomes),
    }),
  )
  // What is stored is stored: from here on nothing is written that might find no room.
  if (answer !== undefined) return sendAnswer(reply, write, imported, teller.whole(answer))
  setOutcomeOf(reply, write, imported)
  return write.single && imported.last ? sendRows(reply, write, [imported.last]) : reply.send()
}

/** What is written batch by batch is answered batch by batch: nothing in it depends on the rest. */
function requirePlainAnswer({ query, answer }: WriteRequest): void {
  if (query.where.length > 0) throw errors.malformedQuery('A POST takes no filter.')
  if (!answer.apart) return
  const hint = 'Take Prefer: return=minimal and read the records afterwards, or send a JSON array.'
  throw errors.malformedQuery('An import answers with plain fields in the order of its rows.', hint)
}

type Basics = Pick<ImportOptions, 'text' | 'parser' | 'read' | 'single' | 'merge' | 'answer' | 'rollback'>

function importOptions(request: RecordRequest, write: WriteRequest, body: ImportBody): Basics {
  const { answer, rollback, single } = write
  const merge = mergeOf(write)
  const parser = parserOf(request, write, body, merge?.target === null)
  return { text: () => body.text(), parser, read: rowReader(request, write), single, merge, answer, rollback }
}

/** A row may be as long as a body that holds one record. */
function parserOf(
  { server }: RecordRequest,
  { actor, query, preferences }: WriteRequest,
  { format }: ImportBody,
  takesId: boolean,
): () => RowParser {
  const longest = server.settings.BODY_LIMIT
  if (format === 'ndjson') return () => new NdjsonRows(longest)
  const { visible, settable } = actor.policy
  const emptyIsMissing = preferences.missing === 'default'
  return () => new CsvRows({ longest, visible, settable, columns: query.columns, takesId, emptyIsMissing })
}

interface AnswerFormat {
  text: RecordText
  /** What is told of an outcome, as JSON; undefined: nothing. */
  json: (outcome: ImportOutcome) => string | undefined
}

function recordsText({ wanted, answer }: WriteRequest): AnswerFormat {
  const json = (outcome: ImportOutcome) => ('row' in outcome ? outcome.row?.record : undefined)
  return { text: textOf(wanted, answer.outputs), json }
}

function outcomesText({ represents }: WriteRequest): AnswerFormat {
  const json = (outcome: ImportOutcome) => outcomeJson(outcome, represents)
  return { text: textOf({ form: 'list', stripped: false, contentType: JSON_TYPE }, []), json }
}

/** Writes the answer while rows are stored. */
class AnswerWriter {
  readonly #answer: Spool | undefined
  readonly #told: AnswerFormat
  #first = true

  constructor(answer: Spool | undefined, told: AnswerFormat) {
    this.#answer = answer
    this.#told = told
  }

  async begin(): Promise<void> {
    this.#first = true
    await this.#answer?.clear()
    await this.#answer?.append(this.#told.text.start)
  }

  async tell(outcomes: readonly ImportOutcome[]): Promise<void> {
    if (this.#answer === undefined) return
    const texts = outcomes.map(this.#told.json).filter((json) => json !== undefined)
    await this.#answer.append(this.#told.text.records(texts, this.#first))
    this.#first &&= texts.length === 0
  }

  /** The answer with its end, and its length. */
  whole(answer: Spool): Whole {
    const { end } = this.#told.text
    return { content: answer.stream(end), size: answer.size + Buffer.byteLength(end) }
  }
}

interface Whole {
  content: Readable
  size: number
}

function setOutcomeOf(reply: FastifyReply, write: WriteRequest, { count, created, last }: Imported): void {
  if (write.preferences.bulk === 'partial') reply.code(207)
  else setOutcome(reply, write, { count, created, only: count === 1 ? last?.id : undefined })
}

function sendAnswer(reply: FastifyReply, write: WriteRequest, imported: Imported, { content, size }: Whole) {
  setOutcomeOf(reply, write, imported)
  const type = write.preferences.bulk === 'partial' ? JSON_TYPE : write.wanted.contentType
  return reply.type(type).header('content-length', size).send(content)
}
