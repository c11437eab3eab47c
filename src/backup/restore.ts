import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import BetterSqlite3 from 'better-sqlite3'
import { attemptsFolder } from '../attempts/attempt-directory.ts'
import { MIGRATIONS_FOLDER, Migrator } from '../db/migrate.ts'
import { isDamage, openDatabase } from '../db/open.ts'
import { KEY_FILES, nameOfKey } from '../keys/secret-key.ts'
import { StartError } from '../lib/errors.ts'
import { openLogBytes } from '../logs/log-bytes.ts'
import { DATABASE, type Description } from './archive.ts'
import { type Settled, settleRestored } from './restored-store.ts'
import { makeStaging, type Staging } from './staging.ts'
import { BadBackup, type Unpacked, unpack } from './unpack.ts'

export interface RestoreOrder {
  source: Readable
  /** Of what it is a restore, for people. */
  name: string
  dataDir: string
  passphrase: string | null
  /** That of the environment. */
  secretKey: string | null
}

/** Whether secrets will open: by the key that came along, by that of the environment, or not. */
export type KeyVerdict = 'restored' | 'environment' | 'wrong' | 'missing'

export interface Restored extends Unpacked, Settled {
  key: KeyVerdict
}

/**
 * Makes a data folder of a backup: all of it, or nothing.
 * @throws StartError that says why, when nothing was changed.
 */
export async function restore({ source, name, dataDir, passphrase, secretKey }: RestoreOrder): Promise<Restored> {
  let staging: Staging | undefined
  try {
    staging = makeStaging(dataDir)
    const unpacked = await unpack(source, staging.folder, passphrase)
    expectKnown(unpacked.description.migrations)
    checkDatabase(join(staging.folder, DATABASE))
    mkdirSync(attemptsFolder(staging.folder), { recursive: true, mode: 0o700 })
    const settled = await settle(staging.folder, unpacked.description)
    const key = judgeKey(unpacked.description, staging.folder, secretKey)
    await staging.place()
    return { ...unpacked, ...settled, key }
  } catch (error) {
    source.destroy() // what nobody has read to its end is not closed by itself
    staging?.discard()
    if (error instanceof BadBackup)
      throw new StartError(`${name} cannot be restored: ${error.message}. Nothing was changed.`)
    if (error instanceof StartError) throw new StartError(`${error.message} Nothing was changed.`)
    throw error
  }
}

/** Before the database is touched, which only versions from then on can read. */
function expectKnown(migrations: string[]): void {
  const known = new Set(readdirSync(MIGRATIONS_FOLDER).map(file => file.replace(/\.ts$/, '')))
  const unknown = migrations.filter(migration => !known.has(migration))
  if (unknown.length > 0)
    throw new BadBackup(
      `its database is newer than this version: it has ${unknown.join(', ')}. Restore it with the version that made it`
    )
}

function checkDatabase(file: string): void {
  if (!existsSync(file)) throw new BadBackup('it holds no database')
  let db: BetterSqlite3.Database | undefined
  try {
    db = new BetterSqlite3(file, { readonly: true })
    const findings = db.pragma('integrity_check(5)') as { integrity_check: string }[]
    if (findings[0]?.integrity_check !== 'ok')
      throw new BadBackup(`its database is damaged (${findings.map(row => row.integrity_check).join('; ')})`)
  } catch (error) {
    throw isDamage(error) ? new BadBackup(`its database is damaged (${(error as Error).message})`) : error
  } finally {
    db?.close()
  }
}

/** Brought up to date, as a server would at its start: what is then done to it is done to what this version knows. */
async function settle(folder: string, { createdAt }: Description): Promise<Settled> {
  const db = openDatabase(folder)
  try {
    await new Migrator(db).up()
    const when = { backupAt: createdAt, now: Date.now(), hostname: hostname() }
    return await settleRestored(db, when, id => logBytes(join(attemptsFolder(folder), id, 'log')))
  } finally {
    await db.destroy()
  }
}

function logBytes(path: string): number {
  const log = openLogBytes(path)
  if (!log) return 0
  try {
    return log.size
  } finally {
    log.close()
  }
}

function judgeKey({ key }: Description, folder: string, secretKey: string | null): KeyVerdict {
  if (key.name === null) return secretKey === null ? 'restored' : 'environment'
  if (secretKey !== null) return nameOfKey(secretKey) === key.name ? 'environment' : 'wrong'
  const file = statSync(join(folder, KEY_FILES[0]), { throwIfNoEntry: false })
  return file ? 'restored' : 'missing'
}
