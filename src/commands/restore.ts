/** `npm run restore -- FILE`: a data folder from a backup; docs/backup.md. FILE may lie in a bucket, or come by stdin (`-`). */
import '../config/load-env.ts'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { parseArgs } from 'node:util'
import settings from '../../gunicorn-equivalent.config.ts'
import { type KeyVerdict, type Restored, restore } from '../backup/restore.ts'
import { openTarget } from '../backup/targets/open.ts'
import { isAddress, splitAddress } from '../backup/url.ts'
import { readConfig } from '../config/config.ts'
import { StartError } from '../lib/errors.ts'

const USAGE = 'Usage: npm run restore -- FILE | URL | - [--data-dir=FOLDER]. Without a folder, into DATA_DIR.'

function readArguments(): { file: string; dataDir: string | null } {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { 'data-dir': { type: 'string' } } })
    if (positionals.length === 1) return { file: positionals[0]!, dataDir: values['data-dir'] ?? null }
  } catch (error) {
    throw new StartError(`${(error as Error).message}\n${USAGE}`)
  }
  throw new StartError(USAGE)
}

async function openSource(file: string): Promise<Readable> {
  if (file === '-') return process.stdin
  if (isAddress(file)) {
    const parts = splitAddress(file)
    if (!parts) throw new StartError(`${file} names no backup. ${USAGE}`)
    return (await openTarget(parts.place)).read(parts.name)
  }
  try {
    return createReadStream('', { fd: await open(file, 'r') })
  } catch (error) {
    throw new StartError(`${file} cannot be read: ${(error as Error).message}`)
  }
}

const KEY_WORDS: Record<KeyVerdict, string> = {
  restored: 'The key of all secrets is in it.',
  environment: 'Secrets open with the SECRET_KEY that is set: start the server with it.',
  wrong:
    'SECRET_KEY is set to ANOTHER KEY than that of the backup: with it no secret opens. Start the server with the right one.',
  missing:
    'The key of all secrets is NOT in it: start the server with the SECRET_KEY it had, or put it into the file .secret_key there. Without it each secret needs its value again, and second factors have to be removed (npm run new-link).'
}

function describe({ description, files, bytes, lost, queued, notices, key }: Restored, dataDir: string): string {
  return [
    `Restored ${description.executions} executions in ${files} files, ${(bytes / 1e6).toFixed(2)} MB, into ${dataDir}`,
    `  as they were at ${new Date(description.createdAt).toISOString()} (Botyard ${description.botyard}).`,
    KEY_WORDS[key],
    `Under way at that time: ${lost} that ran are lost now, ${queued} wait, ${notices} notices are not sent by themselves.`,
    'The machine is drained: what waits and what is due starts when you have looked around and press "Run things again" on the',
    'page Machine. Whoever was signed in signs in again. People, tokens and secrets that were taken away since are back: see to them.',
    'The folders that bots work in (DATA_DIR/workspaces) are not in a backup. The files belong to you now: for a server of another',
    `user, chown -R USER: ${dataDir}. Then start the server on it.`
  ].join('\n')
}

try {
  process.umask(0o077)
  const { file, dataDir } = readArguments()
  const config = readConfig(process.env, settings)
  const order = {
    source: await openSource(file),
    name: file === '-' ? 'what comes by stdin' : file,
    dataDir: dataDir === null ? config.dataDir : resolve(dataDir),
    passphrase: config.backup.passphrase,
    secretKey: config.secretKey
  }
  console.log(describe(await restore(order), order.dataDir))
} catch (error) {
  if (!(error instanceof StartError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
