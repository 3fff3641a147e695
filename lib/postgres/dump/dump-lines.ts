// A dump as lines of text: a JSON header, then for each table a JSON line, its rows as COPY writes them and `\.`, and a last
// JSON line. COPY escapes line ends and backslashes, so that no row looks like an end. Refuses a file that breaks off.
import { StartError } from '../../errors/start-error.ts'

export interface DumpHeader {
  format: typeof FORMAT
  created_at: string
  /** The migrations that the tables had, by name. */
  migrations: string[]
}

export interface TableHeader {
  table: string
  columns: string[]
}

export interface DumpEnd {
  end: true
  /** The last value of each sequence; null: it has given none. */
  sequences: Record<string, string | null>
}

export const FORMAT = 'univera dump 1'

/** Stands after the rows of a table. */
export const ROWS_END = '\\.'

const LINE_FEED = 10

/** Splits at line feeds alone: texts of users may hold every other kind of line end. */
async function* splitLines(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = []
  for await (const chunk of source) {
    let from = 0
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
      yield Buffer.concat([...pieces, chunk.subarray(from, at)])
      pieces = []
      from = at + 1
    }
    pieces.push(chunk.subarray(from))
  }
}

export class DumpReader {
  readonly #lines: AsyncGenerator<Buffer>

  constructor(source: AsyncIterable<Buffer>) {
    this.#lines = splitLines(source)
  }

  async #line(): Promise<Buffer> {
    const { value, done } = await this.#lines.next()
    if (done) throw new StartError('The dump breaks off: it is not complete.')
    return value
  }

  /** The header; StartError for what is no dump of this format. */
  async header(): Promise<DumpHeader> {
    const header = parse<DumpHeader>(await this.#line().catch(() => Buffer.alloc(0)))
    if (header?.format !== FORMAT) throw new StartError('The file is not a dump of Univera.')
    return header
  }

  /** The next table, whose rows have to be read before the next call, or the end. */
  async section(): Promise<TableHeader | DumpEnd> {
    const section = parse<TableHeader | DumpEnd>(await this.#line())
    if (section === undefined)
      throw new StartError('The dump cannot be read: a line is not what belongs there.')
    return section
  }

  /** The rows of the table, each with its line end. */
  async *rows(): AsyncGenerator<Buffer> {
    for (let line = await this.#line(); line.toString('latin1') !== ROWS_END; line = await this.#line())
      yield Buffer.concat([line, Buffer.from('\n')])
  }
}

function parse<T>(line: Buffer): T | undefined {
  try {
    return JSON.parse(line.toString()) as T
  } catch {
    return undefined
  }
}
