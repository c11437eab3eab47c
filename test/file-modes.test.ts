/** Who may read what a server makes, in a folder that was there and is open to everybody. */
import { chmodSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { testFolder } from './support/folder.ts'
import { startServer } from './support/server.ts'

/** Permissions for anybody but the owner, of all that lies there, by path. */
function openToOthers(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    name => (statSync(join(folder, name)).mode & 0o077) !== 0
  )
}

t.test('what the server makes is for itself alone, and bots have the mask that it was started with', async t => {
  const before = process.umask(0o022)
  t.teardown(() => process.umask(before))
  const dataDir = join(testFolder(t, { data: {} }), 'data')
  chmodSync(dataDir, 0o755)
  const first = await startServer(t, dataDir)
  t.same(openToOthers(dataDir), [])
  const execution = await first.finished(['/bin/sh', '-c', 'umask; : >made; stat -c %a made'])
  t.equal((await first.downloadLog(execution.id)).toString(), '0022\n644\n')

  await first.kill()
  const database = ['', '-wal', '-shm'].map(suffix => join(dataDir, `botyard.db${suffix}`))
  for (const file of database) chmodSync(file, 0o644)
  await startServer(t, dataDir)
  for (const file of database) t.equal(statSync(file).mode & 0o777, 0o600, file)
})
