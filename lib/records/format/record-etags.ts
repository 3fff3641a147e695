// Entity tags of records (RFC 9110, 8.8.3): `"<sealed version>-<schema version>-<view>"`. If-None-Match compares the whole
// tag, which changes with anything that the caller would get; If-Match compares the record's version alone. The version is
// sealed: it counts changes of fields that the caller may not read as well.
import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { errors } from '../../errors.ts'
import { parseEtags } from '../../http/etag.ts'
import { deriveKey } from '../../secrets/derive-key.ts'
import { SEAL_KEY_LENGTH, SEAL_LENGTH, type SealedRecord, VersionSeal } from './version-seal.ts'

/** A record at one of its versions, as an entity of one version describes it. */
export interface TaggedRecord {
  entity: { id: number; version: number }
  id: string
  version: number | string
}

const SEALED = new RegExp(`^"([\\w-]{${SEAL_LENGTH}})-`)

/** Views are few, one for each role of an entity. */
const MOST_VIEWS = 10_000

function sealOf(secret: string): VersionSeal {
  return new VersionSeal(deriveKey(secret, 'record entity tags', SEAL_KEY_LENGTH))
}

const sha1 = (text: string) => createHash('sha1').update(text).digest('base64url')

export class RecordEtags {
  readonly #seal: VersionSeal
  readonly #previous: VersionSeal | undefined
  readonly #views = new LRUCache<string, string>({ max: MOST_VIEWS })

  /** @param previousSecret tags under it are accepted by If-Match as well */
  constructor(secret: string, previousSecret?: string) {
    this.#seal = sealOf(secret)
    this.#previous = previousSecret === undefined ? undefined : sealOf(previousSecret)
  }

  /** @param view whatever beside record and schema decides what this caller sees */
  of(record: TaggedRecord, view: string): string {
    return this.#tag(record, this.#views.get(view) ?? this.#digestOf(view))
  }

  /**
   * The tag of a record that is sent with related ones. They change by themselves, and by the permissions for them, so the
   * tag has a digest of the text itself.
   */
  composite(record: TaggedRecord, view: string, json: string): string {
    return this.#tag(record, sha1(`${view}:${json}`))
  }

  /** The versions of a record that an If-Match header accepts; undefined when it accepts any. errors.invalidParameter. */
  acceptedVersions(header: string | undefined, record: SealedRecord): number[] | undefined {
    const tags = header === undefined ? '*' : parseEtags(header)
    if (tags === '*') return undefined
    return tags.map((tag) => this.#versionIn(tag, record)).filter((version) => version !== undefined)
  }

  /** errors.preconditionFailed unless If-Match accepts the version of a record with this tag. */
  requireVersion(header: string | undefined, record: SealedRecord, etag: string): void {
    const versions = this.acceptedVersions(header, record)
    if (versions === undefined) return
    const own = this.#versionIn(etag, record)
    if (own === undefined || !versions.includes(own)) throw errors.preconditionFailed()
  }

  #tag({ entity, id, version }: TaggedRecord, view: string): string {
    const sealed = this.#seal.seal({ entityId: entity.id, id }, Number(version))
    return `"${sealed}-${entity.version}-${view}"`
  }

  #versionIn(tag: string, record: SealedRecord): number | undefined {
    const sealed = SEALED.exec(tag)?.[1]
    if (sealed === undefined) return undefined
    return this.#seal.open(record, sealed) ?? this.#previous?.open(record, sealed)
  }

  #digestOf(view: string): string {
    const digest = sha1(view).slice(0, 6)
    this.#views.set(view, digest)
    return digest
  }
}
