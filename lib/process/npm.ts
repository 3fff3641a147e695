// Under `npm start` a shell stands between npm and this process, and a signal to npm ends that shell without reaching
// here. The shell's end is the signal then: the process has another parent.

const LOOK_EVERY_MS = 250

/** Calls back once when npm has ended, for a process that npm has started. */
export function onNpmGone(callback: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  const look = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(look)
    callback()
  }, LOOK_EVERY_MS)
  look.unref()
}
