import { hkdfSync, randomBytes } from 'node:crypto'
import { fsyncSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { StartError } from '../lib/errors.ts'
import { makeNewFile } from '../lib/new-file.ts'

/** The key all others are derived from, and the one before it, while what was made with that is still about. */
export interface SecretKeys {
  current: string
  previous: string | null
}

export type KeySettings = Pick<Config, 'secretKey' | 'previousSecretKey' | 'dataDir'>

/** The names of the files that keep them in the data folder. */
export const KEY_FILES = ['.secret_key', '.secret_key.previous'] as const

/**
 * The environment's keys, else those kept in `DATA_DIR/.secret_key` and `.secret_key.previous`, else a new one (64 hex
 * characters, mode 0600) that is kept there and is the same at the next start.
 * @throws StartError when a kept file does not hold a key.
 */
export function findSecretKeys(config: KeySettings): SecretKeys {
  if (config.secretKey) return { current: config.secretKey, previous: config.previousSecretKey }
  const file = keyFile(config.dataDir)
  const current = readKept(file) ?? makeKept(file)
  return { current, previous: config.previousSecretKey ?? readKept(previousKeyFile(config.dataDir)) }
}

/** The same where nothing is to be made; null when there is no key yet. @throws StartError when a kept file does not hold a key. */
export function knownSecretKeys({ secretKey, previousSecretKey, dataDir }: KeySettings): SecretKeys | null {
  const current = secretKey ?? readKept(keyFile(dataDir))
  if (current === null) return null
  return { current, previous: previousSecretKey ?? (secretKey ? null : readKept(previousKeyFile(dataDir))) }
}

/** By what a key is told from others; it tells nothing of the key. */
export function nameOfKey(key: string): string {
  return deriveKey(key, 'name of the key').toString('hex')
}

/**
 * Puts a new key in place of the kept one, which becomes the one before it. A server that runs goes on with the old one
 * until it is started anew. Who dies in the middle has changed nothing that matters.
 * @throws StartError when there is none, the file does not hold a key, or there still is a key before it: that may be the one
 * everything was kept with.
 */
export function rotateKeptKey(dataDir: string): void {
  const current = readKept(keyFile(dataDir))
  if (!current) throw new StartError(`There is no key in ${keyFile(dataDir)}: nothing was started on that folder yet.`)
  const previousFile = previousKeyFile(dataDir)
  const previous = readKept(previousFile)
  if (previous !== null && previous !== current) {
    throw new StartError(
      `${previousFile} still holds the key before this one. Start the server with the new one, remove that file when what ran at the change has ended, then change the key again.`
    )
  }
  replace(previousFile, current)
  replace(keyFile(dataDir), newKey())
}

const keyFile = (dataDir: string): string => join(dataDir, KEY_FILES[0])
const previousKeyFile = (dataDir: string): string => join(dataDir, KEY_FILES[1])
const newKey = (): string => randomBytes(32).toString('hex')

/** Written whole under another name first: who dies here must not leave half a key behind. */
function replace(file: string, key: string): void {
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, `${key}\n`, { mode: 0o600, flush: true })
  renameSync(draft, file)
}

/** Makes a key, unless somebody else has meanwhile: then it is theirs. */
function makeKept(file: string): string {
  makeNewFile(file, `${newKey()}\n`, fsyncSync)
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
