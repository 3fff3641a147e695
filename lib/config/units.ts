// Lengths of time and sizes as people write them: `30m`, `10s`, `1 MiB`, `50MB`. Out come milliseconds and bytes,
// or undefined for what is neither.

const milliseconds: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const bytes: Record<string, number> = {
  b: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
}

/** Milliseconds; a plain number is seconds. */
export function readDuration(text: string): number | undefined {
  return readQuantity(text, milliseconds, 's')
}

/** Bytes; a plain number is bytes. */
export function readSize(text: string): number | undefined {
  return readQuantity(text, bytes, 'b')
}

function readQuantity(text: string, units: Record<string, number>, plain: string): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,6})?)\s*([a-z]*)$/i.exec(text)
  if (match === null) return undefined
  const unit = match[2]?.toLowerCase() || plain
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined
  const value = factor === undefined ? Number.NaN : Math.round(Number(match[1]) * factor)
  return Number.isSafeInteger(value) ? value : undefined
}
