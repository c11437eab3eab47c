import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { StorageProbe } from '../../src/storage/probe.ts'
import { Storage } from '../../src/storage/storage.ts'
import { readStorageUrl, type StorageUrl } from '../../src/storage/storage-url.ts'
import { buildApp } from '../support/app.ts'
import { testFolder } from '../support/folder.ts'
import { startGate } from '../support/gate.ts'
import { needsS3, S3_KEYS, s3Url, startS3 } from '../support/s3.ts'
import { listeningLogger } from '../support/said.ts'

Object.assign(process.env, S3_KEYS)

t.test('without a bucket there is nothing to be wrong with it', async t => {
  const app = await buildApp(t)
  app.token = null
  const answer = await app.get('/health/storage')
  t.same([answer.status, answer.text], [200, '{"status":"not_configured"}'])
})

t.test('it is accessible when it can be written and read, and nothing is left there', async t => {
  const folder = testFolder(t, { here: {} })
  const storage = readStorageUrl(`file://${folder}/here`) as StorageUrl
  const app = await buildApp(t, { dataDir: join(folder, 'data'), config: { storage } })
  app.token = null
  const answers = await Promise.all(Array.from({ length: 20 }, () => app.get('/health/storage')))
  for (const { status, text } of answers) t.same([status, text], [200, '{"status":"accessible"}'])
  t.equal(answers[0]!.headers.get('cache-control'), 'no-store')
  t.same(readdirSync(join(folder, 'here')), [])
})

t.test('the server starts without its bucket, and says why in its log', async t => {
  const folder = testFolder(t, { here: {} })
  const storage = readStorageUrl(`file://${folder}/gone`) as StorageUrl
  const { logger, said } = listeningLogger()
  const app = await buildApp(t, { dataDir: join(folder, 'data'), config: { storage }, logger })
  const answer = await app.get('/health/storage')
  t.same([answer.status, answer.text], [503, '{"status":"inaccessible"}'])
  t.match(
    said.find(({ msg }) => /bucket cannot be used/.test(msg)),
    {
      level: 50,
      storage: `file://${folder}/gone`,
      detail: /ENOENT/
    }
  )
})

t.test(
  'a bucket that is down, hangs, is not there or wants other keys is inaccessible, and recovers',
  needsS3,
  async t => {
    const gate = await startGate(t, await startS3(t))
    const stateOf = async (url: string) => {
      const storage = new Storage(readStorageUrl(url) as StorageUrl)
      const { logger, said } = listeningLogger()
      const state = await new StorageProbe(storage, logger).state()
      await storage.close()
      return [state, said.map(each => each.detail).join()] as const
    }
    const url = s3Url(gate.port)
    t.same(await stateOf(url), ['accessible', ''])
    for (const state of ['shut', 'busy', 'silent'] as const) {
      gate.state = state
      t.equal((await stateOf(url))[0], 'inaccessible', state)
      gate.cut()
    }
    gate.state = 'open'
    t.equal((await stateOf(url))[0], 'accessible')
    t.match(await stateOf(url.replace('bots', 'none')), ['inaccessible', /NoSuchBucket/])
    process.env.AWS_ACCESS_KEY_ID = 'wrong'
    const [state, why] = await stateOf(url)
    process.env.AWS_ACCESS_KEY_ID = S3_KEYS.AWS_ACCESS_KEY_ID
    t.equal(state, 'inaccessible')
    t.match(why, /InvalidAccessKeyId/)
    t.notMatch(why, S3_KEYS.AWS_SECRET_ACCESS_KEY)
  }
)
