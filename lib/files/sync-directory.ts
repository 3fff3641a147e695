// Durable entries of directories: a file that was made, renamed or removed there has to be so after a power cut, too.
import { open } from 'node:fs/promises'

/** Makes a directory's entries durable. Windows has no way to, and needs none. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(path, 'r')
  await handle.sync().finally(() => handle.close())
}
