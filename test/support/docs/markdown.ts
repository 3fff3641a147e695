// Reads the project's Markdown pages: fenced blocks, headings as GitHub links to them, relative links, tables.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A fenced block: its language, its text, the line it begins on, and whether it directly follows another. */
export interface Block {
  language: string
  text: string
  line: number
}

const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm

export const pages = [
  ...readdirSync('.').filter((name) => name.endsWith('.md')),
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
  ...['bench', 'plugins', 'routes'].map((folder) => join(folder, 'README.md')),
]

export const readPage = (path: string): string => readFileSync(path, 'utf8')

/** The fenced blocks of a page, in order. */
export function blocksOf(page: string): Block[] {
  return [...page.matchAll(FENCE)].map(({ 1: language = '', 2: text = '', index }) => ({
    language,
    text,
    line: page.slice(0, index).split('\n').length,
  }))
}

/** The page without its fenced blocks and comments. */
export const proseOf = (page: string): string => page.replace(FENCE, '').replace(/<!--[\s\S]*?-->/g, '')

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(page: string): string[] {
  const seen = new Map<string, number>()
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-')
    const times = seen.get(anchor) ?? 0
    seen.set(anchor, times + 1)
    return times === 0 ? anchor : `${anchor}-${times}`
  })
}

/** Where a page's relative links lead: a path from the top of the project, and an anchor, '' when there is none. */
export function linksOf(path: string): { target: string; anchor: string }[] {
  return [...proseOf(readPage(path)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [target = '', anchor = ''] = link.split('#')
      return { target: target === '' ? path : join(dirname(path), target), anchor }
    })
}

/** The text under a heading, up to the next one of any level. */
export function sectionOf(page: string, heading: string): string {
  const [, after = ''] = page.split(`\n${heading}\n`)
  return after.split(/\n##+ /)[0] ?? ''
}

/** The cells of the tables in a text, without their heads. */
export function rowsOf(text: string): string[][] {
  const lines = text.split('\n')
  return lines
    .filter((line, at) => line.startsWith('|') && !/^\|-/.test(line) && !/^\|-/.test(lines[at + 1] ?? ''))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}
