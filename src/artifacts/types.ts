import { posix } from 'node:path'

/** What browsers show within a page of ours as a picture, a sound or a film, all of which run nothing. */
const TYPES: Record<string, string> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.svg': 'image/svg+xml',
  '.mp3': 'audio/mpeg',
  '.wav': 'audio/wav',
  '.ogg': 'audio/ogg',
  '.mp4': 'video/mp4',
  '.webm': 'video/webm'
}

/** As what an artifact is sent; all else is bytes. It is to be saved all the same where it is not asked for by a page of ours. */
export function typeOf(name: string): string {
  return TYPES[posix.extname(name).toLowerCase()] ?? 'application/octet-stream'
}
