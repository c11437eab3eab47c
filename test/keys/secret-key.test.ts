import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { findSecretKeys } from '../../src/keys/secret-key.ts'
import { buildApp, type TestApp } from '../support/app.ts'
import { refusalOf } from '../support/refusal.ts'
import { startServer } from '../support/server.ts'

/** What a server answers to an access token, which it knows only when its key is the one that signed it. */
const statusWith = async (app: TestApp, token: string | null) =>
  (await app.get('/api/auth/me', { authorization: `Bearer ${token}` })).status

t.test('SECRET_KEY of the environment is used, and none is kept', async t => {
  const dataDir = t.testdir({})
  const secretKey = 'a key of the environment, long enough'
  const first = await buildApp(t, { dataDir, config: { secretKey } })
  t.notOk(existsSync(join(dataDir, '.secret_key')))
  await first.app.http.close()

  const second = await buildApp(t, { dataDir, config: { secretKey } })
  t.equal(await statusWith(second, first.token), 200)
  await second.app.http.close()

  const third = await buildApp(t, { dataDir, config: { secretKey: `${secretKey}.` } })
  t.equal(await statusWith(third, first.token), 401, 'another key signs other tokens')
})

t.test('a key that is kept is used, and is the same key when the environment gives it', async t => {
  const secretKey = '5'.repeat(64)
  const dataDir = t.testdir({ '.secret_key': `${secretKey}\n` })
  const first = await buildApp(t, { dataDir })
  t.equal(readFileSync(join(dataDir, '.secret_key'), 'utf8'), `${secretKey}\n`)
  await first.app.http.close()

  const second = await buildApp(t, { dataDir, config: { secretKey } })
  t.equal(await statusWith(second, first.token), 200)
})

t.test(
  'a key that is made is 64 hex characters for its owner only, and tokens outlive a crash of the server',
  async t => {
    const dataDir = join(t.testdir({}), 'data')
    const first = await startServer(t, dataDir)
    const file = join(dataDir, '.secret_key')
    const key = readFileSync(file, 'utf8')
    t.match(key, /^[0-9a-f]{64}\n$/)
    t.equal(statSync(file).mode & 0o777, 0o600)
    t.equal(statSync(dataDir).mode & 0o777, 0o700)
    await first.kill('SIGKILL')

    const second = await startServer(t, dataDir)
    t.equal(readFileSync(file, 'utf8'), key)
    t.equal((await second.get('/api/auth/me', { authorization: `Bearer ${first.token}` })).status, 200)
    const kept = readdirSync(dataDir).filter(name => name.startsWith('.secret_key'))
    t.same(kept, ['.secret_key'], 'no draft is left')
  }
)

t.test('a kept key that is empty stops the start and says what to do', async t => {
  const dataDir = t.testdir({ '.secret_key': '' })
  const message = await refusalOf(t, { DATA_DIR: dataDir })
  t.match(message, `${join(dataDir, '.secret_key')} does not hold a key`)
  t.match(message, 'Put the right one back, or remove the file')
  t.equal(readFileSync(join(dataDir, '.secret_key'), 'utf8'), '')
})

t.test('a kept key that was cut short is refused, wherever the cut', async t => {
  const whole = 'a'.repeat(64)
  for (const length of [1, 31, 32, 40, 63]) {
    const dataDir = t.testdir({ '.secret_key': whole.slice(0, length) })
    t.throws(
      () => findSecretKeys({ secretKey: null, previousSecretKey: null, dataDir }).current,
      { name: 'StartError', message: /does not hold a key.* Put the right one back/ },
      `${length} of 64 characters`
    )
  }
  const dataDir = t.testdir({ '.secret_key': whole })
  t.equal(
    findSecretKeys({ secretKey: null, previousSecretKey: null, dataDir }).current,
    whole,
    'only its line end is missing'
  )
})

t.test('a kept key that cannot be read stops the start', async t => {
  const dataDir = t.testdir({})
  mkdirSync(join(dataDir, '.secret_key'))
  t.match(await refusalOf(t, { DATA_DIR: dataDir }), `${join(dataDir, '.secret_key')} cannot be read`)
})
