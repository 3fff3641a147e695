// PostgreSQL's hash of a uuid, by which Citus finds the shard of a tenant: hash_bytes() over its 16 bytes, as a machine
// computes it that stores the low byte first.
// https://github.com/postgres/postgres/blob/REL_15_STABLE/src/common/hashfn.c

const rotate = (value: number, bits: number) => (value << bits) | (value >>> (32 - bits))

const SEED = (0x9e3779b9 + 16 + 3923095) | 0

/** The hash of a uuid, a signed number of 32 bits. */
export function hashUuid(id: string): number {
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex')
  let a = (SEED + bytes.readUInt32LE(0)) | 0
  let b = (SEED + bytes.readUInt32LE(4)) | 0
  let c = (SEED + bytes.readUInt32LE(8)) | 0
  // mix(a, b, c)
  a = (a - c) ^ rotate(c, 4)
  c = (c + b) | 0
  b = (b - a) ^ rotate(a, 6)
  a = (a + c) | 0
  c = (c - b) ^ rotate(b, 8)
  b = (b + a) | 0
  a = (a - c) ^ rotate(c, 16)
  c = (c + b) | 0
  b = (b - a) ^ rotate(a, 19)
  a = (a + c) | 0
  c = (c - b) ^ rotate(b, 4)
  b = (b + a) | 0
  a = (a + bytes.readUInt32LE(12)) | 0
  // final(a, b, c)
  c = ((c ^ b) - rotate(b, 14)) | 0
  a = ((a ^ c) - rotate(c, 11)) | 0
  b = ((b ^ a) - rotate(a, 25)) | 0
  c = ((c ^ b) - rotate(b, 16)) | 0
  a = ((a ^ c) - rotate(c, 4)) | 0
  b = ((b ^ a) - rotate(a, 14)) | 0
  return ((c ^ b) - rotate(b, 24)) | 0
}
