/** What bots with a user of their own have left is theirs to nobody else after a restore, and is seen as before. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { backupsIn, beginCommand, runCommand } from '../support/backup.ts'
import { needsRoot, reachableFolder, SERVERS, startWithBotUser } from '../support/bot-user.ts'
import { eventually } from '../support/wait.ts'

for (const kind of SERVERS) {
  t.test(
    `${kind}: a backup of a server whose bots have a user of their own restores as the documentation says`,
    needsRoot,
    async t => {
      const dataDir = reachableFolder(t)
      const server = await startWithBotUser(t, kind, dataDir)
      const bot = await server.makeBot([
        '/bin/sh',
        '-c',
        'echo 42 >"$BOTYARD_ARTIFACTS/answer"; echo made >>made; cat made'
      ])
      const { id } = await server.ended((await server.start(bot)).id)
      const backups = join(dirname(dataDir), 'backups')
      mkdirSync(backups)
      const made = await runCommand('backup', [backups], { DATA_DIR: dataDir })
      t.equal(made.code, 0, made.stderr)
      await server.kill('SIGTERM')

      const place = join(dirname(dataDir), 'restored')
      const restored = await runCommand('restore', [join(backups, backupsIn(backups)[0]!), `--data-dir=${place}`], {})
      t.equal(restored.code, 0, restored.stderr)
      if (kind === 'lent') execFileSync('chown', ['-R', 'daemon:', place])
      const next = await startWithBotUser(t, kind, place)
      const list = await next.get(`/api/executions/${id}/artifacts`)
      t.match(list.body.items, [{ name: 'answer', bytes: 3 }])
      t.equal((await next.get(`/api/executions/${id}/artifacts/answer`)).text, '42\n')
      await next.request('PUT', '/api/machine/drain', { body: { enabled: false } })
      const again = await next.ended((await next.start(bot)).id)
      t.match(again, { state: 'succeeded' })
    }
  )
}

t.test('a backup that root made and that was killed is in the way of none the server makes', needsRoot, async t => {
  const dataDir = reachableFolder(t)
  const server = await startWithBotUser(t, 'lent', dataDir)
  await server.finished(['/bin/sh', '-c', 'head -c 3000000 /dev/urandom | base64'])
  // Nobody takes what it writes, and it is more than a pipe holds: so it is not over.
  const killed = beginCommand('backup', ['-'], { DATA_DIR: dataDir })
  const draft = join(dataDir, '.backup/botyard.db')
  await eventually('its copy of the database', () => existsSync(draft))
  const ended = once(killed, 'exit')
  killed.kill('SIGKILL')
  await ended
  t.ok(existsSync(draft), 'it has left that')
  t.equal((await server.get('/admin/backup')).status, 200)
  t.notOk(existsSync(draft))
})
