import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openDrive } from '../../src/storage/drive.ts'
import { readStorageUrl, type StorageUrl } from '../../src/storage/storage-url.ts'
import { buildApp, type TestApp } from '../support/app.ts'
import { withDatabase } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
import { startGate } from '../support/gate.ts'
import { isProblem } from '../support/problems.ts'
import { daysLater, folderOf, storedBytes } from '../support/retention.ts'
import { needsS3, S3_KEYS, s3Url, startS3 } from '../support/s3.ts'
import { signedInAs } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

Object.assign(process.env, S3_KEYS)
const shell = (script: string) => ['/bin/bash', '-c', `cd "$BOTYARD_ARTIFACTS"; ${script}`]
const storageOf = (url: string) => ({ storage: readStorageUrl(url) as StorageUrl })

const listOf = async (app: TestApp, id: string, query = '') =>
  (await app.get(`/api/executions/${id}/artifacts${query}`)).body

const pathOf = (id: string, name: string) =>
  `/api/executions/${id}/artifacts/${name.split('/').map(encodeURIComponent).join('/')}`

/** Waits until what an execution has left is there, and not here any more. */
async function inBucket(app: TestApp, id: string) {
  await eventually('the upload', async () => (await listOf(app, id)).stored === 'bucket', 20_000)
  await eventually('the removal of the local files', () => nextAt(app, id) === null)
  return listOf(app, id)
}

function nextAt(app: TestApp, id: string): number | null | undefined {
  return withDatabase(app.config.dataDir, db =>
    db.prepare<[string], number | null>('SELECT next_at FROM uploads WHERE execution_id = ?').pluck().get(id)
  )
}

const rowsOf = (app: TestApp) =>
  withDatabase(app.config.dataDir, db => db.prepare('SELECT count(*) FROM uploads').pluck().get())

/** Puts off nothing any more that waits for a bucket that was down. */
function hurry(app: TestApp): void {
  withDatabase(app.config.dataDir, db => db.prepare('UPDATE uploads SET next_at = 1 WHERE next_at IS NOT NULL').run())
}

t.test('with a bucket of S3', needsS3, async t => {
  const gate = await startGate(t, await startS3(t))
  const url = s3Url(gate.port, 'yard')
  const drive = await openDrive(readStorageUrl(url) as StorageUrl)
  t.teardown(() => drive.close())
  const keys = async () => {
    const found: string[] = []
    for await (const { key } of drive.list('executions/')) found.push(key)
    return found.sort()
  }
  const app = await buildApp(t, { config: storageOf(url) })

  await t.test('what a bot has left is brought there, and listed and downloaded as before', async t => {
    const names = [
      'a.txt',
      'b/c/d',
      'empty',
      ' ',
      'ä😀',
      '%2e',
      '...',
      '.hidden.',
      "new\nline'",
      '-',
      'x'.repeat(250),
      '!21'
    ]
    const script = names.map((name, i) => {
      const quoted = `$'${name.replace(/\n/g, '\\n').replace(/'/g, "\\'")}'`
      return name === 'empty' ? ': >empty' : `mkdir -p -- "$(dirname -- ${quoted})"; printf %s ${i} >./${quoted}`
    })
    const { id } = await app.finished(
      shell(
        `${script.join('; ')}; ln -s a.txt link; head -c 12000000 /dev/urandom >big; sha256sum big >../big.sum; cat ../big.sum`
      )
    )
    const listed = await inBucket(app, id)
    t.equal(listed.detail, null)
    t.same(
      listed.items.map(({ name }: { name: string }) => name),
      [...names, 'big'].sort()
    )
    for (const [i, name] of names.entries())
      t.equal((await app.get(pathOf(id, name))).text, name === 'empty' ? '' : String(i), JSON.stringify(name))

    const left = readdirSync(join(folderOf(app, { id }), 'artifacts'), { recursive: true, withFileTypes: true })
    t.same(
      left.filter(entry => !entry.isDirectory()).map(({ name }) => name),
      ['link'],
      'files are there and not here'
    )
    t.equal((await keys()).length, names.length + 1)

    const authorization = `Bearer ${app.token}`
    const big = Buffer.from(
      await (await fetch(app.url + pathOf(id, 'big'), { headers: { authorization } })).arrayBuffer()
    )
    t.match((await app.downloadLog(id)).toString(), createHash('sha256').update(big).digest('hex'))
    const part = await fetch(app.url + pathOf(id, 'big'), { headers: { authorization, range: 'bytes=9999990-' } })
    t.equal(part.status, 206)
    t.equal(part.headers.get('content-range'), 'bytes 9999990-11999999/12000000')
    t.ok(Buffer.from(await part.arrayBuffer()).equals(big.subarray(9_999_990)))
    const head = await app.request('HEAD', pathOf(id, 'big'))
    t.same([head.status, head.headers.get('content-length')], [200, '12000000'])
    t.match(head.headers.get('content-security-policy'), 'sandbox')
    isProblem(t, await app.get(pathOf(id, 'big'), { range: 'bytes=12000000-' }), 416, 'range_not_satisfiable')
    isProblem(t, await app.get(pathOf(id, 'none')), 404, 'not_found')
    isProblem(t, await app.get(pathOf(id, 'link')), 404, 'not_found')
  })

  await t.test('each attempt keeps its own, and one that has left nothing is soon forgotten', async t => {
    const { id } = await app.finished(shell('echo $BOTYARD_ATTEMPT_NUMBER >n; exit 1'), {
      retry: { maxAttempts: 2, backoffMs: 0 }
    })
    for (const n of [1, 2]) {
      await eventually(`attempt ${n}`, async () => (await listOf(app, id, `?attempt=${n}`)).stored === 'bucket')
      t.equal((await app.get(`${pathOf(id, 'n')}?attempt=${n}`)).text, `${n}\n`)
    }
    const before = rowsOf(app)
    const nothing = await app.finished(['true'])
    await eventually('that it is forgotten', () => rowsOf(app) === before)
    t.same(await listOf(app, nothing.id), { items: [], truncated: false, stored: 'local', detail: null })
  })

  await t.test('what it takes is counted on the disk alone, also when it was counted before', async t => {
    gate.state = 'shut'
    gate.cut()
    const { id } = await app.finished(shell('head -c 3000000 /dev/zero >zeros'))
    await app.app.chores.run(daysLater(1))
    t.ok(storedBytes(app, { id })! > 2_000_000)
    gate.state = 'open'
    await eventually(
      'a try',
      () => {
        hurry(app)
        return nextAt(app, id) === null
      },
      30_000
    )
    t.equal(storedBytes(app, { id }), null)
    await app.app.chores.run(daysLater(1))
    t.ok(storedBytes(app, { id })! < 1_000_000)
  })

  for (const state of ['shut', 'busy'] as const) {
    await t.test(`while it is ${state} artifacts are read from the disk, and go there when it is back`, async t => {
      const early = await app.finished(shell('echo early >a'))
      await inBucket(app, early.id)
      gate.state = state
      gate.cut()
      const { id } = await app.finished(shell('echo here >a'))
      const waiting = await eventually(
        'why it waits',
        async () => {
          const listed = await listOf(app, id)
          return listed.detail && listed
        },
        20_000
      )
      t.equal(waiting.stored, 'uploading')
      t.equal((await app.get(pathOf(id, 'a'))).text, 'here\n')
      isProblem(t, await app.get(pathOf(early.id, 'a')), 503, 'unavailable')
      gate.state = 'open'
      gate.cut()
      await eventually(
        'a try',
        () => {
          hurry(app)
          return nextAt(app, id) === null
        },
        30_000
      )
      t.equal((await listOf(app, id)).stored, 'bucket')
      t.equal((await app.get(pathOf(id, 'a'))).text, 'here\n')
      t.equal((await app.get(pathOf(early.id, 'a'))).text, 'early\n')
    })
  }

  await t.test('links lead to what is there, too', async t => {
    const { id } = await app.finished(shell('mkdir ä; echo shared >ä/b'))
    await inBucket(app, id)
    const made = await app.post(`/api/executions/${id}/artifacts/links`, { name: 'ä/b' })
    t.equal(made.status, 201)
    t.equal(await (await fetch(made.body.url)).text(), 'shared\n')
  })

  await t.test('of what is not kept any more nothing stays there, also when it was down meanwhile', async t => {
    gate.state = 'shut'
    gate.cut()
    const late = await app.finished(shell('echo late >a'))
    await app.app.chores.run(daysLater(90))
    isProblem(t, await app.get(`/api/executions/${late.id}`), 404, 'not_found')
    t.not(rowsOf(app), 0)
    gate.state = 'open'
    t.not((await keys()).length, 0)
    await eventually(
      'that all is removed',
      () => {
        hurry(app)
        return rowsOf(app) === 0
      },
      30_000
    )
    t.same(await keys(), [])
  })
})

t.test('a bucket that hangs keeps no server from stopping, and gets all from the next one', needsS3, async t => {
  const gate = await startGate(t, await startS3(t))
  const dataDir = testFolder(t)
  const start = () => buildApp(t, { dataDir, config: storageOf(s3Url(gate.port)) })
  const app = await start()
  gate.state = 'silent'
  gate.cut()
  const before = gate.arrived
  const { id } = await app.finished(shell('echo here >a'))
  await eventually('that it is asked', () => gate.arrived > before)
  await app.app.http.close()
  gate.state = 'open'
  gate.cut()
  const next = await start()
  await inBucket(next, id)
  t.equal((await next.get(pathOf(id, 'a'))).text, 'here\n')
})

t.test('another bucket, or none, says where artifacts are, and leaves what was to be removed', async t => {
  const folder = testFolder(t, { one: {}, two: {} })
  const dataDir = join(folder, 'data')
  const start = (config: object) => buildApp(t, { dataDir, config })
  const first = await start(storageOf(`file://${folder}/one`))
  const { id } = await first.finished(shell('echo one >a'))
  await inBucket(first, id)
  await first.app.http.close()
  for (const config of [storageOf(`file://${folder}/two`), { storage: null }]) {
    const app = await start(config)
    t.equal((await listOf(app, id)).stored, 'bucket')
    const answer = await app.get(pathOf(id, 'a'))
    isProblem(t, answer, 503, 'unavailable')
    t.match(answer.body.detail, `file://${folder}/one`)
    await app.app.http.close()
  }
  const again = await start(storageOf(`file://${folder}/one`))
  t.equal((await again.get(pathOf(id, 'a'))).text, 'one\n')
  await again.app.chores.run(daysLater(90))
  await eventually('that it is removed', () => rowsOf(again) === 0)
  t.same(readdirSync(join(folder, 'one')), [])
})

t.test('the copy of a server leaves the bucket alone until it is told that it is the one that goes on', async t => {
  const folder = testFolder(t, { bucket: {} })
  const [dataDir, bucket] = [join(folder, 'data'), join(folder, 'bucket')]
  const leaves = shell('echo 42 >answer')
  const first = await buildApp(t, { dataDir })
  await first.finished(leaves)
  await first.app.http.close()
  withDatabase(dataDir, db => db.prepare('INSERT INTO settings (name, value) VALUES (?, ?)').run('restored_from', '1'))

  const copy = await buildApp(t, { dataDir, config: storageOf(`file://${bucket}`) })
  const { id } = await copy.finished(leaves)
  await copy.finished(['true'])
  t.match(await listOf(copy, id), { stored: 'uploading' })
  t.same(readdirSync(bucket), [])
  await copy.request('PUT', '/api/machine/drain', { body: { enabled: false } })
  await inBucket(copy, id)
})

t.test('a folder whose disk is not mounted gets nothing, and nothing is made in its place', async t => {
  const folder = testFolder(t)
  const app = await buildApp(t, { dataDir: join(folder, 'data'), config: storageOf(`file://${folder}/mnt`) })
  const { id } = await app.finished(shell('echo one >a'))
  await eventually('why', async () => (await listOf(app, id)).detail)
  t.match(await listOf(app, id), { stored: 'uploading', detail: /ENOENT.*mnt/ })
  t.notOk(existsSync(join(folder, 'mnt')))
})

t.test('more files than anybody looks through stay on the disk, and are said to', async t => {
  const folder = testFolder(t, { here: {} })
  const app = await buildApp(t, { dataDir: join(folder, 'data'), config: storageOf(`file://${folder}/here`) })
  const { id } = await app.finished(shell('seq 10001 | xargs touch'))
  await eventually('why', async () => (await listOf(app, id)).detail)
  t.match(await listOf(app, id), { stored: 'local', detail: /10000/, truncated: true })
  t.equal((await app.get(pathOf(id, '1'))).status, 200)
  t.same(readdirSync(join(folder, 'here')), [])
  await app.app.chores.run(daysLater(90))
  await eventually('that it is forgotten', () => rowsOf(app) === 0)
})

t.test('who may see an execution alone sees its artifacts and makes links', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished(shell('echo one >a'))
  const viewer = await signedInAs(app, 'viewer')
  t.equal((await viewer.post(`/api/executions/${id}/artifacts/links`, { name: 'a' })).status, 201)
})
