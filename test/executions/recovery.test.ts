import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startServer } from '../support/server.ts'

t.test('a bot goes on when the server is killed, and the next server knows how it ended', async t => {
  const dataDir = t.testdir({ data: {} })
  const flag = join(dataDir, 'flag')
  const first = await startServer(t, join(dataDir, 'data'))
  const bot = await first.makeBot([
    '/bin/sh',
    join(import.meta.dirname, '../fixtures/bots/waits-for-file.sh'),
    flag,
    '7'
  ])
  const { id } = await first.start(bot)
  await first.printed(id, 'ready')
  await first.kill('SIGKILL')

  const second = await startServer(t, join(dataDir, 'data'))
  t.equal((await second.execution(id)).state, 'running')
  writeFileSync(flag, '')
  const ended = await second.ended(id)

  t.match(ended, { state: 'failed', reason: 'exit_code', exitCode: 7 })
  t.equal((await second.downloadLog(id)).toString(), 'ready\ndone\n')
})
