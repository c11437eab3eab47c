import { hkdfSync, randomBytes } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from './config.ts'
import { StartError } from './errors.ts'

/**
 * The key all others are derived from: the environment's, else the one kept in `DATA_DIR/.secret_key`, else a new one
 * (64 hex characters, mode 0600) that is kept there and is the same at the next start.
 * @throws StartError when the kept file does not hold a key.
 */
export function findSecretKey(config: Pick<Config, 'secretKey' | 'dataDir'>): string {
  if (config.secretKey) return config.secretKey
  const file = join(config.dataDir, '.secret_key')
  const kept = readKept(file)
  if (kept !== null) return kept

  // Written whole under another name first: a server that dies here must not leave half a key behind.
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 })
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error // somebody else's is there: use theirs
  } finally {
    rmSync(draft)
  }
  return readKept(file)!
}

/** A key for one purpose (HKDF-SHA256, RFC 5869); knowing one tells nothing about another. 32 bytes. */
export function deriveKey(secretKey: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secretKey, 'botyard', purpose, 32))
}

function readKept(file: string): string | null {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new StartError(`${file} cannot be read: ${(error as Error).message}`)
  }
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new StartError(
      `${file} does not hold a key of 64 hex characters. Put the right one back, or remove the file: everybody then signs in anew, and each secret needs its value again.`
    )
  }
  return text
}
