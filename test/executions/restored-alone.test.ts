import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { claim, endOf, journal } from '../support/attempts.ts'
import { testFolder } from '../support/folder.ts'
import { startServer } from '../support/server.ts'

t.test('where a database comes back without the folders of attempts, what ran is lost and not run again', async t => {
  const dir = testFolder(t, { data: {} })
  const [dataDir, notes] = [join(dir, 'data'), join(dir, 'notes')]
  const first = await startServer(t, dataDir)
  const bot = await first.makeBot(['/bin/sh', '-c', `echo "start $BOTYARD_EXECUTION_ID" >>'${notes}'`])
  await first.kill('SIGTERM')
  const ran = claim(dataDir, bot)
  rmSync(join(dataDir, 'attempts'), { recursive: true })

  const second = await startServer(t, dataDir)
  t.match(await endOf(second, ran.executionId), { state: 'lost', reason: 'unknown_end' })
  t.notOk(existsSync(notes), 'it was not started')

  await second.kill('SIGTERM')
  const claimed = claim(dataDir, bot)
  const third = await startServer(t, dataDir)
  t.match(await endOf(third, claimed.executionId), { state: 'succeeded' }, 'what was only claimed is launched')
  t.same(journal(notes), [`start ${claimed.executionId}`])
})
