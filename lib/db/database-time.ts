// The time that requests spend in the database. It travels with the scope that every statement runs in: whoever has none to
// measure gives none, and pays nothing.

/** Time spent on the statements of one request, those included that ran at the same time. */
export interface DatabaseTime {
  milliseconds: number
}

interface Timed {
  readonly time?: DatabaseTime
}

/** The call with the time that it takes added to that of its scope. */
export function timed<S extends Timed, A extends unknown[], R>(
  call: (scope: S, ...rest: A) => Promise<R>,
): (scope: S, ...rest: A) => Promise<R> {
  return (scope, ...rest) => {
    const running = call(scope, ...rest)
    return scope.time === undefined ? running : measure(scope.time, running)
  }
}

async function measure<R>(time: DatabaseTime, running: Promise<R>): Promise<R> {
  const start = performance.now()
  try {
    return await running
  } finally {
    time.milliseconds += performance.now() - start
  }
}
