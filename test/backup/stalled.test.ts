import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { BackupProcess } from '../../src/backup/backup-process.ts'
import { buildApp } from '../support/app.ts'
import { backUp } from '../support/backup.ts'
import { testFolder } from '../support/folder.ts'

t.test('a place that takes nothing and says nothing is given up, and is in the way of no other backup', async t => {
  const dir = testFolder(t, { backups: {} })
  const [dataDir, folder] = [join(dir, 'data'), join(dir, 'backups')]
  await buildApp(t, { dataDir })
  const sockets: Socket[] = []
  const silent = createServer(socket => void sockets.push(socket)).listen(0, '127.0.0.1')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
  await once(silent, 'listening')
  const { port } = silent.address() as { port: number }
  const order = { dataDir, secretKey: null, previousSecretKey: null, passphrase: null, withKey: true }
  const url = `s3://bucket?region=x&endpoint=http://127.0.0.1:${port}&forcePathStyle=true`
  const env = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }
  const one = new BackupProcess({ ...order, to: { url, keep: 1 } }, env, 1000)
  await t.rejects(one.done, { code: 'unavailable', message: /has come no further/ })

  await backUp(dataDir, folder)
  t.equal(readdirSync(folder).length, 1)
})
