// The time that requests spend in the database, added up in the scope that every statement runs in; a scope without one is
// not measured.

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
  return (scope, ...rest) => measured(scope.time, call(scope, ...rest))
}

/** What runs, with the time that it still takes added; undefined: it is not measured. */
export async function measured<R>(time: DatabaseTime | undefined, running: Promise<R>): Promise<R> {
  if (time === undefined) return running
  const start = performance.now()
  try {
    return await running
  } finally {
    time.milliseconds += performance.now() - start
  }
}
