// Generated tables in a page: each between `<!-- table: name -->` and `<!-- end -->`. `npm run docs` writes them there, a
// test compares.

export type Rows = string[][]

/** The text of each table, by its name. */
export type Tables = ReadonlyMap<string, string>

const PLACE = /(<!-- table: ([\w ]+) -->\n)[\s\S]*?(<!-- end -->)/g

const line = (cells: string[]) => `|${cells.map((cell) => (cell === '' ? ' ' : ` ${cell} `)).join('|')}|`

/** A table in Markdown. */
export function table(heads: string[], rows: Rows): string {
  return [line(heads), `|${heads.map(() => '---|').join('')}`, ...rows.map(line)].join('\n')
}

/** The page with its generated tables as they should be. */
export function withTables(page: string, tables: Tables): string {
  return page.replace(PLACE, (_, start: string, name: string, end: string) => {
    const text = tables.get(name)
    if (text === undefined) throw new Error(`there is no table "${name}"`)
    return `${start}\n${text}\n\n${end}`
  })
}

/** The names of the generated tables of a page. */
export const tablesIn = (page: string): string[] => [...page.matchAll(PLACE)].map(([, , name = '']) => name)
