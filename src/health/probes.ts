import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Database } from '../db/schema.ts'

/** Anybody may ask, and each answer costs a write: within this time all get the same one. */
const FRESH_MS = 1000

/** Whether something the server stands on works, found out by using it. */
export type Probe = () => Promise<boolean>

/** Writes a row, so that a full disk or a damaged file is found and not only a lost one. */
export function databaseProbe(db: Kysely<Database>, logger: Logger): Probe {
  return shared(logger, 'database', async () => {
    const at = Date.now()
    await db
      .insertInto('health_probe')
      .values({ id: 1, at })
      .onConflict(c => c.column('id').doUpdateSet({ at }))
      .execute()
  })
}

/** Writes a file where logs are written, to the disk itself, and removes it. */
export function logsProbe(folder: string, logger: Logger): Probe {
  return shared(logger, 'folder for logs', async () => {
    const path = join(folder, `.probe-${process.pid}`)
    const file = await open(path, 'w', 0o600)
    try {
      await file.writeFile('probe')
      await file.sync()
    } finally {
      await file.close()
      await rm(path, { force: true })
    }
  })
}

function shared(logger: Logger, what: string, use: () => Promise<void>): Probe {
  let asked: { at: number; answer: Promise<boolean> } | null = null
  return () => {
    if (asked && performance.now() - asked.at < FRESH_MS) return asked.answer
    const answer = use().then(
      () => true,
      error => {
        logger.error({ err: error }, `the ${what} does not work`)
        return false
      }
    )
    asked = { at: performance.now(), answer }
    return answer
  }
}
