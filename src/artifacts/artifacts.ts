import { closeSync, fstatSync } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Static } from 'typebox'
import { type Results, resultsOf } from '../attempts/results.ts'
import type { AttemptRef } from '../executions/history-store.ts'
import type { ByteRange } from '../lib/byte-range.ts'
import { Download } from '../lib/download.ts'
import { openFileBeneath } from '../lib/regular-file.ts'
import { PlainBytes } from '../logs/plain-bytes.ts'
import type { Artifact, ArtifactList } from './schemas.ts'
import type { StoredArtifacts } from './stored.ts'
import type { StoredArtifact } from './upload-store.ts'
import { MAX_DEPTH, walkFiles } from './walk.ts'

/** What a list holds at most. */
export const MAX_LISTED = 1000

/** Enough for any list that people look through; a folder beyond is listed as far as it was looked at. */
const LIST_BOUNDS = { maxEntries: 10_000, maxMs: 5000 }

/** The longest path Linux takes. */
const MAX_NAME_BYTES = 4096

/** An artifact that is about to be read, once. Whoever does not read it closes it. */
export interface OpenArtifact {
  /** Now: a file may grow. */
  bytes: number
  /** The bytes of a range, both ends of it included; all of them when it is null. */
  read(range: ByteRange | null): Promise<Readable>
  close(): void
}

/**
 * The files that the attempts of an execution left behind, also while they run. Where no number is given, the last's.
 * They are in the attempt's folder, or in the bucket, once all are there.
 */
export class Artifacts {
  readonly #attempts: (executionId: string) => Promise<AttemptRef[]>
  readonly #attemptsFolder: string
  readonly #stored: StoredArtifacts

  constructor(
    source: { attempts(executionId: string): Promise<AttemptRef[]> },
    attemptsFolder: string,
    stored: StoredArtifacts
  ) {
    this.#attempts = id => source.attempts(id)
    this.#attemptsFolder = attemptsFolder
    this.#stored = stored
  }

  /** By name. `truncated` when there are more. */
  async list(executionId: string, attempt?: number): Promise<Static<typeof ArtifactList>> {
    const id = await this.#attempt(executionId, attempt)
    if (id === null) return { items: [], truncated: false, stored: 'local', detail: null }
    const where = await this.#stored.of(id)
    const { items, whole } = where.stored === 'bucket' ? await this.#listStored(id) : await this.#listLocal(id)
    items.sort((a, b) => (a.name < b.name ? -1 : 1))
    return { items: items.slice(0, MAX_LISTED), truncated: !whole || items.length > MAX_LISTED, ...where }
  }

  /** Null when there is none of that name. */
  async open(executionId: string, name: string, attempt?: number): Promise<OpenArtifact | null> {
    const id = isName(name) ? await this.#attempt(executionId, attempt) : null
    if (id === null) return null
    // Once more: it may have been brought to the bucket meanwhile.
    return (await this.#openStored(id, name)) ?? this.#openLocal(id, name) ?? (await this.#openStored(id, name))
  }

  async #listLocal(id: string): Promise<{ items: Static<typeof Artifact>[]; whole: boolean }> {
    const results = resultsOf(this.#attemptsFolder, id)
    const items: Static<typeof Artifact>[] = []
    const whole = await walkFiles(folderIn(results), LIST_BOUNDS, async ({ name, path }) => {
      const stat = await lstat(path).catch(() => null)
      // Gone by now. A name that is no UTF-8 leads to nothing, either: nobody could ask for the file.
      if (stat?.isFile() && isOf(results, stat))
        items.push({ name, bytes: stat.size, modifiedAt: Math.floor(stat.mtimeMs) })
      return false
    })
    return { items, whole }
  }

  async #listStored(id: string): Promise<{ items: Static<typeof Artifact>[]; whole: boolean }> {
    const stored = await this.#stored.list(id, MAX_LISTED + 1)
    return { items: stored.map(({ name, bytes, modifiedAt }) => ({ name, bytes, modifiedAt })), whole: true }
  }

  #openLocal(id: string, name: string): OpenArtifact | null {
    const results = resultsOf(this.#attemptsFolder, id)
    const fd = openFileBeneath(folderIn(results), name.split('/'))
    if (fd === null) return null
    try {
      const stat = fstatSync(fd)
      if (isOf(results, stat)) return localArtifact(fd, stat.size)
      closeSync(fd)
      return null
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  async #openStored(id: string, name: string): Promise<OpenArtifact | null> {
    const artifact: StoredArtifact | null = await this.#stored.find(id, name)
    if (!artifact) return null
    return {
      bytes: artifact.bytes,
      // Of nothing no store gives out a range.
      read: async range => (artifact.bytes === 0 ? Readable.from([]) : this.#stored.read(id, artifact, range)),
      close: () => {}
    }
  }

  /** The id of an execution's attempt; null when there is none. */
  async #attempt(executionId: string, number?: number): Promise<string | null> {
    const attempts = await this.#attempts(executionId)
    const attempt = number === undefined ? attempts.at(-1) : attempts.find(each => each.number === number)
    return attempt?.id ?? null
  }
}

function localArtifact(fd: number, bytes: number): OpenArtifact {
  return {
    bytes,
    read: async range => new Download(new PlainBytes(fd), range?.start ?? 0, range ? range.end + 1 : bytes),
    close: () => closeSync(fd)
  }
}

/** Where they are. */
export function folderIn({ folder }: Results): string {
  return join(folder, 'artifacts')
}

/** Whether a file is the bot's own, and not another's that it has linked to. */
export function isOf({ group }: Results, stat: { gid: number }): boolean {
  return group === null || stat.gid === group
}

/** Whether a list could have given out this name: it leads down into the folder, step by step. */
function isName(name: string): boolean {
  const parts = name.split('/')
  const isPart = (part: string) => part !== '' && part !== '.' && part !== '..'
  return (
    Buffer.byteLength(name) <= MAX_NAME_BYTES &&
    parts.length <= MAX_DEPTH + 1 &&
    parts.every(isPart) &&
    !name.includes('\0')
  )
}
