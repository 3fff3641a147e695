// Compiles after `npm ci`: everything, and tap's own build, where the packages for development are installed; the server
// alone where they are not (NODE_ENV=production, --omit=dev).
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const commands = existsSync('node_modules/tap') ? ['tsc', 'tap build'] : ['tsc -p tsconfig.build.json']

for (const command of commands) {
  // npm has put the programs of the packages on the PATH.
  const { status } = spawnSync(command, { shell: true, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
