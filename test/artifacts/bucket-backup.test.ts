import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { BACKUP_LOCK, tryLock } from '../../src/db/lock.ts'
import { readStorageUrl, type StorageUrl } from '../../src/storage/storage-url.ts'
import { buildApp } from '../support/app.ts'
import { withDatabase } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
import { eventually } from '../support/wait.ts'

t.test(
  'what is brought to the bucket while a backup is made stays on the disk for it, and goes afterwards',
  async t => {
    const dir = testFolder(t, { bucket: {}, data: {} })
    const dataDir = join(dir, 'data')
    const storage = readStorageUrl(`file://${join(dir, 'bucket')}`) as StorageUrl
    const app = await buildApp(t, { dataDir, config: { storage } })
    // As whoever makes one does before the database is copied.
    const unlock = tryLock(dataDir, BACKUP_LOCK, 0)!
    t.teardown(unlock)
    const { id } = await app.finished(['/bin/sh', '-c', 'echo report >"$BOTYARD_ARTIFACTS/report"'])
    const row = () =>
      withDatabase(dataDir, db =>
        db
          .prepare<[string], { attempt: string; next: number | null; tries: number }>(
            'SELECT attempt_id AS attempt, next_at AS next, tries FROM uploads WHERE execution_id = ?'
          )
          .get(id)
      )!
    const list = async () => (await app.get(`/api/executions/${id}/artifacts`)).body
    await eventually('it to be there, and the local files to be put off', () => row().tries > 0)
    t.match(await list(), { stored: 'bucket', detail: null })
    const local = join(dataDir, 'attempts', row().attempt, 'artifacts', 'report')
    t.ok(existsSync(local), 'the backup has them')

    unlock()
    withDatabase(dataDir, db => db.prepare('UPDATE uploads SET next_at = 1').run())
    await app.finished(['/bin/true'], { name: 'wakes it' })
    await eventually('the local file to go', () => !existsSync(local) && row().next === null)
    t.match(await list(), { stored: 'bucket', items: [{ name: 'report' }] })
  }
)
