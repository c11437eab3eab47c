import { createHmac, timingSafeEqual } from 'node:crypto'
import { AppError } from '../lib/errors.ts'

/** Which artifact a link is to. */
export interface Linked {
  executionId: string
  attempt: number
  name: string
}

/** For who opens it now, and for who finds it in his mail after a holiday. */
export const DEFAULT_LINK_SECONDS = 15 * 60
export const MAX_LINK_SECONDS = 7 * 24 * 3600

/** Links to artifacts that whoever has them may follow, until they run out. Nothing is kept of them. */
export class ArtifactLinks {
  readonly #key: Buffer

  /** `key`: for nothing else. */
  constructor(key: Buffer) {
    this.#key = key
  }

  /** A path on this server, good until `expiresAt`, in milliseconds and to the second. */
  pathTo(linked: Linked, expiresAt: number): string {
    const expires = Math.floor(expiresAt / 1000)
    const name = linked.name.split('/').map(encodeURIComponent).join('/')
    const query = `expires=${expires}&signature=${this.#sign(linked, expires).toString('base64url')}`
    return `/api/shared/artifacts/${linked.executionId}/${linked.attempt}/${name}?${query}`
  }

  /** @throws AppError `invalid_link` when it was not made here for this very artifact, or has run out. */
  check(linked: Linked, { expires, signature }: { expires: number; signature: string }, now: number): void {
    const given = Buffer.from(signature, 'base64url')
    const right = this.#sign(linked, expires)
    if (given.length !== right.length || !timingSafeEqual(given, right))
      throw new AppError('invalid_link', 'This link is not one of this server, or is not whole. Copy all of it.')
    if (now >= expires * 1000)
      throw new AppError('invalid_link', 'This link has run out. Ask whoever gave it to you for another.')
  }

  #sign({ executionId, attempt, name }: Linked, expires: number): Buffer {
    return createHmac('sha256', this.#key)
      .update(JSON.stringify([executionId, attempt, name, expires]))
      .digest()
  }
}
