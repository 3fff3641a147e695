// The recipes of docs/clients.md as files of a folder, in which a server's address stands for `http://localhost:8000`: types
// from its document, TypeScript compiled, ready to be imported.

import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { register } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readPage } from './markdown.ts'

const RECIPE = /<!-- file: ([\w-]+\.[jt]s) -->\n\n```\w+\n([\s\S]*?)^```$/gm

const TSC = 'node_modules/typescript/bin/tsc'

const FLAGS = ['--ignoreConfig', '--strict', '--skipLibCheck', '--target', 'es2023', '--types', '']

const MODULES = ['--module', 'esnext', '--moduleResolution', 'bundler']

/** The files of the page, by name. */
export function recipes(): Map<string, string> {
  const found = readPage('docs/clients.md').matchAll(RECIPE)
  return new Map([...found].map(([, name = '', text = '']) => [name, text]))
}

/** The types that openapi-typescript makes of a document. */
export async function typesOf(document: string): Promise<string> {
  register('./resolve-typescript.js', import.meta.url)
  const { default: generate, astToString } = await import('openapi-typescript')
  return astToString(await generate(JSON.parse(document)))
}

/** Compiles the TypeScript files of the folder where they are; what the compiler says, '' for nothing. */
export async function compile(folder: string, names: readonly string[]): Promise<string> {
  const files = names.map((name) => join(folder, name))
  const run = promisify(execFile)(process.execPath, [TSC, ...FLAGS, ...MODULES, ...files])
  const { stdout } = await run.catch((error: { stdout: string }) => error)
  return stdout
}

/** The data provider as bundlers read it: Node does not see the default export of its CommonJS file. */
function withProvider(text: string): string {
  const imported = /^import postgrestProvider, (\{.*\}) from '(@raphiniert\/.*)'$/m
  return text.replace(
    imported,
    "import { createRequire } from 'node:module'\nconst { default: postgrestProvider, ...provider } = createRequire(import.meta.url)('$2')\nconst $1 = provider",
  )
}

/** Writes the recipes and the types of the document into the folder; the names of those in TypeScript. */
export async function writeRecipes(folder: string, address: string, document: string): Promise<string[]> {
  await writeFile(join(folder, 'api.d.ts'), await typesOf(document))
  const files = [...recipes()]
  for (const [name, text] of files)
    await writeFile(join(folder, name), withProvider(text).replaceAll('http://localhost:8000', address))
  return files.map(([name]) => name).filter((name) => name.endsWith('.ts'))
}
