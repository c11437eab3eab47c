/**
 * `npm run backup`: everything that is needed to go on elsewhere, while the server runs or while it does not; docs/backup.md.
 * To BACKUP_URL, or to the folder, file or address named; `-` is stdout.
 */
import '../config/load-env.ts'
import { existsSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import settings from '../../gunicorn-equivalent.config.ts'
import { keepNewest } from '../backup/keep.ts'
import { makeBackup, type Report } from '../backup/make.ts'
import { FolderTarget } from '../backup/targets/folder.ts'
import { openTarget } from '../backup/targets/open.ts'
import { toStdout } from '../backup/targets/stdout.ts'
import type { Target } from '../backup/targets/target.ts'
import { isAddress } from '../backup/url.ts'
import { readConfig } from '../config/config.ts'
import { StartError } from '../lib/errors.ts'

const USAGE = 'Usage: npm run backup [-- FOLDER | FILE | URL | -]. Without any, to BACKUP_URL.'

/** Where it is to go, and by what name; null for its own. */
interface Place {
  target: Target
  name: string | null
}

function readArgument(): string | null {
  try {
    const { positionals } = parseArgs({ allowPositionals: true, options: {} })
    if (positionals.length <= 1) return positionals[0] ?? null
  } catch (error) {
    throw new StartError(`${(error as Error).message}\n${USAGE}`)
  }
  throw new StartError(USAGE)
}

async function placeOf(address: string): Promise<Place> {
  if (isAddress(address)) return { target: await openTarget(address), name: null }
  const path = resolve(address)
  if (existsSync(path) && statSync(path).isDirectory()) return { target: new FolderTarget(path), name: null }
  if (existsSync(path)) throw new StartError(`${path} is there already. Name another file, or a folder.`)
  // Or a folder that somebody has forgotten to make would become a file, which nobody takes for a backup.
  if (!/\.zst(\.age)?$/.test(path))
    throw new StartError(`There is no folder ${path}. Make it, or name a file that ends in .tar.zst.`)
  return { target: new FolderTarget(dirname(path)), name: basename(path) }
}

function describe(report: Report, where: string): string {
  const { executions, files, contentBytes, bytes, tookMs, key, encrypted, leftOut, leftOutCount } = report
  const keyWords = {
    included: encrypted ? 'is in it' : 'is in it, readable for whoever has the backup: BACKUP_PASSPHRASE encrypts it',
    environment: 'is set in the environment and not in it: keep it in another place',
    left_out: 'is not in it'
  }
  const more = leftOutCount > leftOut.length ? [`  … and ${leftOutCount - leftOut.length} more`] : []
  return [
    `Backed up ${executions} executions in ${files} files, ${mb(contentBytes)}, as ${mb(bytes)} in ${(tookMs / 1000).toFixed(1)} s`,
    `  to ${where}${encrypted ? ', encrypted' : ''}.`,
    `The key of all secrets ${keyWords[key]}.`,
    'The folders that bots work in are not in it: copy DATA_DIR/workspaces yourself where they matter.',
    ...(leftOutCount > 0 ? ['Left out:'] : []),
    ...leftOut.map(({ path, why }) => `  ${JSON.stringify(path)}: ${why}`),
    ...more
  ].join('\n')
}

const mb = (bytes: number) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0)} MB`

try {
  process.umask(0o077)
  const argument = readArgument()
  const { dataDir, secretKey, previousSecretKey, backup } = readConfig(process.env, settings)
  const address = argument ?? backup.url
  if (address === null) throw new StartError(`Nobody has said where to: BACKUP_URL is not set.\n${USAGE}`)
  if (address === '-' && process.stdout.isTTY)
    throw new StartError('A backup is nothing for a terminal: let it go to a file or a program.')
  const order = { dataDir, secretKey, previousSecretKey, passphrase: backup.passphrase, withKey: true }
  if (address === '-') {
    console.error(describe(await makeBackup(order, toStdout), 'stdout'))
  } else {
    const { target, name } = await placeOf(address)
    await target.check()
    const report = await makeBackup(order, (own, bytes) => target.put(name ?? own, bytes))
    console.log(describe(report, target.describe(name ?? report.name)))
    if (argument === null) {
      const removed = await keepNewest(target, backup.keep)
      if (removed.length > 0) console.log(`Removed as older than the newest ${backup.keep}: ${removed.join(', ')}`)
    }
    target.close()
  }
} catch (error) {
  if (!(error instanceof StartError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
