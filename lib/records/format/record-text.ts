// Records as text: finished JSON records come in, and leave as one list, as lines of JSON or as CSV, whole or piece by
// piece. PostgREST's `nulls=stripped` leaves out members that are null.

import { mapYielding } from '../../concurrency/yielding-map.ts'
import { csvLine } from '../../csv/csv-line.ts'
import type { GroupOutput } from '../../query/plan/level-plan.ts'
import { csvCells, csvColumns, csvHeader } from './csv-columns.ts'

export type Form = 'list' | 'csv' | 'ndjson'

export interface RecordText {
  readonly start: string
  /**
   * A promise where each record is converted: the event loop is yielded meanwhile.
   *
   * @param first whether no record has gone before
   */
  records(records: readonly string[], first: boolean): string | Promise<string>
  readonly end: string
}

type Make = (outputs: readonly GroupOutput[]) => RecordText

/**
 * Lines of CSV end as PostgREST's do, by LF and none at the end, so that what its clients split by \n holds no stray CR. RFC
 * 4180 has CRLF; every reader that follows it takes LF too.
 */
const CSV_LINE_END = '\n'

const forms: Record<Form, Make> = {
  list: () => ({
    start: '[',
    records: (records, first) => (first || records.length === 0 ? '' : ',') + records.join(','),
    end: ']',
  }),
  ndjson: () => ({ start: '', records: (records) => records.map((json) => `${json}\n`).join(''), end: '' }),
  csv: (outputs) => {
    const columns = csvColumns(outputs)
    return {
      start: csvLine(csvHeader(columns)),
      records: async (records) => {
        const lines = await mapYielding(records, (json) => CSV_LINE_END + csvLine(csvCells(columns, json)))
        return lines.join('')
      },
      end: '',
    }
  },
}

/** How records are written in this form. */
export function recordText(form: Form, outputs: readonly GroupOutput[], stripped = false): RecordText {
  const text = forms[form](outputs)
  if (!stripped) return text
  return {
    ...text,
    records: async (records, first) => text.records(await mapYielding(records, stripNulls), first),
  }
}

/** All of the records at once; a promise where each is converted. */
export function renderRecords(
  { start, records, end }: RecordText,
  all: readonly string[],
): string | Promise<string> {
  const body = records(all, true)
  return typeof body === 'string' ? start + body + end : body.then((text) => start + text + end)
}

/** The JSON without members that are null, at any depth of objects; null elements of lists stay. */
export function stripNulls(json: string): string {
  return JSON.stringify(JSON.parse(json), (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null))
      : value,
  )
}
