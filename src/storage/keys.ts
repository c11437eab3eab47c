import { createHash } from 'node:crypto'

/** Of one name between slashes, for file systems; of a whole key S3 and Google take 1024. */
const MAX_PART = 200
const MAX_KEY = 600

/**
 * A key for a path that a bot has chosen, which may hold anything but NUL. Letters, digits, `-` and `_` stay as they are, and dots
 * within a name; any other byte becomes `!` and its two hex digits, which flydrive, all stores and file systems take. No two
 * paths have the same key. Where that would be too long it is `!!` and the SHA-256 of the path.
 */
export function keyOf(path: string): string {
  const parts = path.split('/').map(encoded)
  const key = parts.join('/')
  return key.length <= MAX_KEY && parts.every(part => part.length <= MAX_PART)
    ? key
    : `!!${createHash('sha256').update(path).digest('hex')}`
}

function encoded(name: string): string {
  return Buffer.from(name)
    .toString('latin1')
    .replace(/[^\w.-]|^\.|\.$/g, byte => `!${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
