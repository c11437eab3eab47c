import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { StartError } from '../../lib/errors.ts'

/** Gives a backup to whoever reads our stdout. */
export async function toStdout(_name: string, bytes: Readable): Promise<void> {
  let gone: Error | null = null
  process.stdout.on('error', error => {
    gone = error
  })
  for await (const piece of bytes) {
    if (!process.stdout.write(piece) && !gone) await once(process.stdout, 'drain').catch(() => {}) // kept above
    if (gone) throw new StartError(`Whoever was to take the backup has gone before its end: ${(gone as Error).message}`)
  }
}
