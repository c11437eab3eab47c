/** The install script and the unit under a real systemd: from nothing to a server behind Caddy, and on to the next versions. */
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { endOf } from '../support/attempts.ts'
import { Client } from '../support/client.ts'
import { follow } from '../support/logs.ts'
import { Machine, needsMachine } from '../support/machine.ts'
import { freePort } from '../support/port.ts'
import { eventually } from '../support/wait.ts'

const BOTS = 20
const CHECKOUT = '/usr/local/src/botyard'
const INSTALL = `${CHECKOUT}/deploy/install.sh`

/** Counts until there is the file `go` in its working folder. */
const COUNTS = 'n=0; until [ -e go ]; do n=$((n + 1)); echo "line $n"; sleep 0.1; done; echo "came to $n"'

const LATER = `
export const up = db => db.schema.createTable('later').addColumn('x', 'text').execute()
export const down = db => db.schema.dropTable('later').execute()
`

t.test(
  'a machine is installed, upgraded, and left as it was by what does not work, under running bots',
  needsMachine,
  async t => {
    const machine = await Machine.boot(t)
    const checkout = machine.checkOut(CHECKOUT)
    const [port, sitePort] = [await freePort(), await freePort()]
    const site = `https://localhost:${sitePort}`
    const settings = join(machine.root, 'etc/botyard.env')
    const mainPid = async () =>
      (await machine.must('systemctl', 'show', '--property=MainPID', '--value', 'botyard')).trim()
    const running = () => machine.must('readlink', '/opt/botyard')

    t.match(await machine.run(INSTALL), { status: 1, text: 'Usage:' })
    t.notOk(existsSync(settings))
    // Its ports are this machine's, where 20000 may be taken.
    const proxy = join(machine.root, 'etc/systemd/system/caddy.service.d')
    mkdirSync(proxy, { recursive: true })
    writeFileSync(join(proxy, 'test.conf'), `[Service]\nEnvironment=UPSTREAM=127.0.0.1:${port}\n`)
    const server = join(machine.root, 'etc/systemd/system/botyard.service.d')
    mkdirSync(server, { recursive: true })
    writeFileSync(
      join(server, 'test.conf'),
      `[Service]\nEnvironment=PORT=${port}\nEnvironment=MAX_CONCURRENT_EXECUTIONS=${BOTS}\n`
    )

    const first = await machine.must(INSTALL, site)
    const token = /\/setup#(\S+)$/m.exec(first)![1]!
    t.equal(statSync(settings).mode & 0o777, 0o600)
    t.equal(readFileSync(settings, 'utf8').split('\n')[1], `PUBLIC_URL=${site}`)
    appendFileSync(settings, 'LOG_LEVEL=debug\n')
    const through = await machine.must(
      'curl',
      '--silent',
      '--insecure',
      '--retry',
      '9',
      '--retry-all-errors',
      `${site}/health`
    )
    t.equal(through, '{"status":"healthy"}')

    const client = new Client(`http://127.0.0.1:${port}`)
    await client.setUp(token)
    const bot = await client.makeBot(['/bin/sh', '-c', COUNTS], { concurrency: { limit: BOTS } })
    const ids = await Promise.all(Array.from({ length: BOTS }, async () => (await client.start(bot)).id))
    const pidsOf = () => Promise.all(ids.map(async id => (await client.execution(id)).attempts[0]?.pid))
    const pids = await eventually('all to run', async () => {
      const pids = await pidsOf()
      return pids.every(Boolean) ? pids : null
    })
    const reader = await follow(client, ids[0]!)
    await reader.sees('line 3\n')

    // `systemctl restart`, and a server that hangs: the same bots, and the reader goes on at its byte.
    let before = await mainPid()
    await machine.must('systemctl', 'restart', 'botyard')
    await reader.done
    t.not(await mainPid(), before)
    t.same(await pidsOf(), pids)
    const second = await follow(client, ids[0]!, { lastEventId: reader.lastEventId })
    await second.sees('line')
    writeFileSync(join(server, 'watched.conf'), '[Service]\nWatchdogSec=3\n')
    await machine.must('systemctl', 'daemon-reload')
    await machine.must('systemctl', 'restart', 'botyard')
    await second.done
    before = await mainPid()
    await machine.must('sh', '-c', `kill -STOP ${before}`)
    await eventually('systemd to start another', async () => !['0', before].includes(await mainPid()), 60_000)
    await eventually('it to answer', () =>
      client.get('/health').then(
        ({ status }) => status === 200,
        () => false
      )
    )
    t.same(await pidsOf(), pids)

    // An upgrade that brings a migration.
    const oldVersion = await running()
    const asset = readdirSync(join(machine.root, oldVersion.trim(), 'public/assets')).find(name =>
      /^index-.*\.js$/.test(name)
    )!
    writeFileSync(join(checkout, 'migrations/9999-later.ts'), LATER)
    appendFileSync(join(checkout, 'src/dashboard/main.ts'), '\ndocument.title += " "\n')
    const upgrade = await machine.must(INSTALL)
    const newVersion = await running()
    t.match(upgrade, `before it ran ${oldVersion.trim()}`)
    t.not(newVersion, oldVersion)
    t.match(readFileSync(settings, 'utf8'), 'LOG_LEVEL=debug', 'settings stay')
    t.same(await pidsOf(), pids)
    t.match(
      await machine.must('curl', '-skI', `${site}/assets/${asset}`),
      /^HTTP\/\S+ 200/,
      'a page that is open finds its files'
    )
    t.notOk((await machine.must('curl', '-sk', `${site}/`)).includes(asset), 'though they are older')

    // What cannot be built changes nothing; what cannot start is put back.
    before = await mainPid()
    const lock = join(checkout, 'package-lock.json')
    const whole = readFileSync(lock, 'utf8')
    writeFileSync(lock, '{')
    t.match(await machine.run(INSTALL), { status: 1, text: 'could not be built. Nothing has changed.' })
    t.equal(await mainPid(), before)
    writeFileSync(lock, whole)
    appendFileSync(
      join(checkout, 'src/app.ts'),
      '\nif (process.env.NODE_ENV) throw new Error("this version does not start")\n'
    )
    const failed = await machine.run(INSTALL)
    t.match(failed, { status: 1, text: /this version does not start[\s\S]*The old one runs again/ })
    t.equal(await running(), newVersion)
    t.equal((await client.get('/health')).status, 200)
    t.same(await pidsOf(), pids)

    // And back, by the way that docs/upgrade.md tells.
    await machine.must('systemctl', 'stop', 'botyard')
    const alive = (await machine.must('pgrep', '--uid', 'botyard-bots')).split('\n')
    t.ok(
      pids.every(pid => alive.includes(String(pid))),
      'all bots live while no server does'
    )
    await machine.must('ln', '-sfn', oldVersion.trim(), '/opt/botyard')
    t.match(await machine.run('systemctl', 'start', 'botyard'), { status: 1 })
    t.match(
      await machine.must('journalctl', '_SYSTEMD_UNIT=botyard.service', '--lines=10', '--output=cat'),
      'npm run migrate down 1'
    )
    await machine.must('systemctl', 'stop', 'botyard')
    await machine.must('ln', '-sfn', newVersion.trim(), '/opt/botyard')
    const [asServer] = /^botyard\(\) \{[\s\S]*?^\}/m.exec(
      readFileSync(join(import.meta.dirname, '../../docs/install.md'), 'utf8')
    )!
    t.match(await machine.must('bash', '-c', `${asServer}\nbotyard migrate down 1`), 'down: 9999-later')
    await machine.must('ln', '-sfn', oldVersion.trim(), '/opt/botyard')
    await machine.must('systemctl', 'start', 'botyard')
    t.same(await pidsOf(), pids)

    await machine.must('sh', '-c', `touch /var/lib/botyard/workspaces/${bot.slug}/go`)
    for (const id of ids) {
      t.match(await endOf(client, id), { state: 'succeeded' })
      const log = (await client.downloadLog(id)).toString()
      const count = Number(/came to (\d+)\n$/.exec(log)?.[1])
      const all = `${Array.from({ length: count }, (_, i) => `line ${i + 1}\n`).join('')}came to ${count}\n`
      const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
      t.equal(sha256(log), sha256(all))
    }
  }
)
