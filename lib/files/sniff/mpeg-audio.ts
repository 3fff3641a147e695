// Confirms MPEG audio and AAC, whose frames begin with eleven or twelve set bits: too few to tell a song from anything else
// that begins with the byte 0xff. The rest of the header must be defined, and the next frame must follow.

/** Kilobits per second by the index in the header, from index 1: MPEG-1 layers I, II and III, then MPEG-2 I, and II and III. */
const BITRATES: readonly (readonly number[])[] = [
  [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
]

const SAMPLE_RATES = [44_100, 48_000, 32_000]

/** Frames may begin after a byte or two of padding. */
const MAX_START = 2

const HEADER_BYTES = 6

/** Whether the bytes begin with a tag of ID3 or with frames of MPEG audio or AAC. */
export function isMpegAudio(head: Buffer): boolean {
  if (head.toString('latin1', 0, 3) === 'ID3') return true
  for (let at = 0; at <= MAX_START && at + HEADER_BYTES <= head.length; at++) {
    const length = frameLength(head, at)
    if (length !== undefined)
      return at + length + 2 > head.length || frameLength(head, at + length) !== undefined
  }
  return false
}

/** Bytes of the frame that begins there; undefined when none does. At the end of the bytes its first two are enough. */
function frameLength(bytes: Buffer, at: number): number | undefined {
  const [sync = 0, kind = 0] = bytes.subarray(at, at + 2)
  if (sync !== 0xff || kind < 0xe0) return undefined
  if (at + HEADER_BYTES > bytes.length) return HEADER_BYTES
  return (kind & 0xf6) === 0xf0 ? aacLength(bytes, at) : mpegLength(bytes, at)
}

/** ADTS, ISO/IEC 13818-7, 6.2. */
function aacLength(bytes: Buffer, at: number): number | undefined {
  const length = (bytes.readUInt32BE(at + 2) >>> 5) & 0x1fff || undefined
  const rate = ((bytes[at + 2] as number) >> 2) & 0xf
  return rate < 13 && length !== undefined && length >= 7 ? length : undefined
}

/** ISO/IEC 11172-3, 2.4.1.3; without the free format, which says nothing of its length. */
function mpegLength(bytes: Buffer, at: number): number | undefined {
  const [kind = 0, format = 0] = bytes.subarray(at + 1, at + 3)
  const [version, layer, rate] = [(kind >> 3) & 3, 4 - ((kind >> 1) & 3), (format >> 2) & 3]
  const isFirst = version === 3
  const bitrate = BITRATES[isFirst ? layer - 1 : layer === 1 ? 3 : 4]?.[(format >> 4) - 1]
  const samples = SAMPLE_RATES[rate]
  if (version === 1 || layer === 4 || bitrate === undefined || samples === undefined) return undefined
  const perSecond = samples / { 0: 4, 2: 2, 3: 1 }[version as 0 | 2 | 3]
  const padding = (format >> 1) & 1
  if (layer === 1) return (Math.floor((12_000 * bitrate) / perSecond) + padding) * 4
  return Math.floor(((layer === 3 && !isFirst ? 72_000 : 144_000) * bitrate) / perSecond) + padding
}
