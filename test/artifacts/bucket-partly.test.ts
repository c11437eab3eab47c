import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readStorageUrl, type StorageUrl } from '../../src/storage/storage-url.ts'
import { buildApp } from '../support/app.ts'
import { withDatabase } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
import { daysLater, folderOf } from '../support/retention.ts'
import { eventually } from '../support/wait.ts'

t.test('what a try has sent goes with the execution, also where the local files went before another try', async t => {
  const dir = testFolder(t, { data: {} })
  const dataDir = join(dir, 'data')
  const bucket = join(dir, 'bucket')
  const app = await buildApp(t, { dataDir, config: { storage: readStorageUrl(`file://${bucket}`) as StorageUrl } })
  const { id } = await app.finished(['/bin/sh', '-c', 'echo a >"$BOTYARD_ARTIFACTS/a"'])
  const tries = () =>
    withDatabase(dataDir, db => db.prepare('SELECT tries FROM uploads WHERE place IS NOT NULL').pluck().get())
  await eventually('a try that fails, as there is no such folder', () => Number(tries()) > 0)

  const sent = join(bucket, `executions/${id}/artifacts/1/a`)
  mkdirSync(join(sent, '..'), { recursive: true })
  writeFileSync(sent, 'a')
  rmSync(join(folderOf(app, { id }), 'artifacts', 'a'))
  const hurry = () =>
    withDatabase(dataDir, db => db.prepare('UPDATE uploads SET next_at = 1 WHERE next_at IS NOT NULL').run())
  await eventually(
    'another try',
    async () => {
      hurry()
      await app.app.chores.run(Date.now())
      return (
        withDatabase(dataDir, db =>
          db.prepare("SELECT count(*) FROM uploads WHERE state = 'waiting'").pluck().get()
        ) === 0
      )
    },
    20_000
  )
  await app.app.chores.run(daysLater(90))
  t.equal((await app.get(`/api/executions/${id}`)).status, 404)
  await eventually('that it is removed', () => !existsSync(sent), 20_000)
})
