// Runs the emitted test files that it is called with in one process, one after the other.

import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const files = process.argv.slice(2)

// tap calls the folders of fixtures by the process's arguments, and a folder's name has at most 255 bytes.
process.argv.splice(3)

const { default: t } = await import('tap')

for (const file of files) {
  t.comment(file)
  await import(pathToFileURL(resolve(file)).href)
}
