/** Servers killed at random moments of uploads and removals. `SEED` repeats what was random. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { openDrive } from '../../src/storage/drive.ts'
import { readStorageUrl, type StorageUrl } from '../../src/storage/storage-url.ts'
import { seededRandom } from '../support/attempts.ts'
import { testFolder } from '../support/folder.ts'
import { needsS3, S3_KEYS, s3Url, startS3 } from '../support/s3.ts'
import { startServer } from '../support/server.ts'
import { rounds } from '../support/soak.ts'
import { eventually } from '../support/wait.ts'

Object.assign(process.env, S3_KEYS)
const ROUNDS = rounds(3, 40)

/** Many small ones, and one of several parts. */
const SCRIPT =
  'cd "$BOTYARD_ARTIFACTS"; for i in $(seq 40); do echo "$BOTYARD_EXECUTION_ID $i" >"$i"; done; head -c 23000000 /dev/urandom >big; sha256sum *'

t.test(
  'whatever moment the server is killed at, each artifact is there in the end as the bot has left it, and nothing besides',
  { ...needsS3, timeout: ROUNDS * 30_000 + 60_000 },
  async t => {
    const random = seededRandom(t)
    const dataDir = join(testFolder(t, { data: {} }), 'data')
    const url = s3Url(await startS3(t))
    const start = () => startServer(t, dataDir, { STORAGE_URL: url, ...S3_KEYS })
    let server = await start()
    const bot = await server.makeBot(['/bin/sh', '-c', SCRIPT])
    const ids: string[] = []
    for (let round = 1; round <= ROUNDS; round++) {
      const { id } = await server.start(bot)
      ids.push(id)
      await server.ended(id)
      await delay(random() * 400)
      await server.kill()
      server = await start()
    }

    const expected: string[] = []
    for (const id of ids) {
      const path = `/api/executions/${id}/artifacts`
      await eventually('the upload', async () => (await server.get(path)).body.stored === 'bucket', 60_000)
      for (const line of (await server.downloadLog(id)).toString().trim().split('\n')) {
        const [sum, name] = line.split(/ +/) as [string, string]
        const answer = await fetch(`${server.url}${path}/${name}`, {
          headers: { authorization: `Bearer ${server.token}` }
        })
        const bytes = Buffer.from(await answer.arrayBuffer())
        if (createHash('sha256').update(bytes).digest('hex') !== sum) t.fail(`${id}/${name} is as it was`)
        expected.push(`executions/${id}/artifacts/1/${name}`)
      }
    }
    t.equal(expected.length, ROUNDS * 41)
    const drive = await openDrive(readStorageUrl(url) as StorageUrl)
    t.teardown(() => drive.close())
    const keys: string[] = []
    for await (const { key } of drive.list('executions/')) keys.push(key)
    t.same(keys.sort(), expected.sort())
  }
)
