/** The image as its Dockerfile builds it, in plain folders, and what runs in it: in a process tree of its own where root may make one. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { validate } from 'dockerfile-utils'
import { parseArgsStringToArgv } from 'string-argv'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { readSetupToken } from '../support/app.ts'
import { childrenOf, endOf } from '../support/attempts.ts'
import { BOT_UID, BOT_USER, needsRoot } from '../support/bot-user.ts'
import { Client } from '../support/client.ts'
import { buildImage, contextOf, elsewhere, type Image, inside, ROOT, readDockerfile } from '../support/image.ts'
import { freePort } from '../support/port.ts'
import { eventually } from '../support/wait.ts'

const IS_ROOT = process.getuid!() === 0
const USER = 10001

const hasTini = spawnSync('tini', ['--version']).status === 0
const needsTini = { skip: hasTini || process.env.CI === 'true' ? false : 'there is no tini on this machine' }

const railway = JSON.parse(readFileSync(join(ROOT, 'railway.json'), 'utf8'))
const compose = parse(readFileSync(join(ROOT, 'compose.yaml'), 'utf8'))

const texts = (name: string) => readDockerfile().flatMap(step => (step.name === name ? [step.text] : []))

/** A container of the image, with a volume of its own. */
class Container extends Client {
  readonly #process: ChildProcess
  readonly #exit: Promise<number | null>

  constructor(process: ChildProcess, exit: Promise<number | null>, url: string) {
    super(url)
    this.#process = process
    this.#exit = exit
  }

  /** The first process in it: what an engine sends its signals to. */
  get first(): number {
    return IS_ROOT ? childrenOf(this.#process.pid!)[0]! : this.#process.pid!
  }

  /** As `docker stop` begins. @returns how the first process exits. */
  stop(): Promise<number | null> {
    process.kill(this.first, 'SIGTERM')
    return this.#exit
  }
}

/** Runs the image on a volume. Begun as root, nothing in it can be written but the volume. */
async function run(
  t: Test,
  image: Image,
  volume: string,
  { command = [...image.entrypoint, ...image.command], asRoot = false, env = {} as Record<string, string> } = {}
): Promise<Container> {
  const port = await freePort()
  // What the image calls /data is this volume.
  const atVolume = Object.fromEntries(
    Object.entries(image.env).map(([name, value]) => [name, value.replace(join(image.root, 'data'), volume)])
  )
  const become = asRoot ? [] : ['setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--clear-groups', '--no-new-privs']
  const script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && cd "$1" && shift && exec "$@"'
  const apart = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '/bin/sh', '-c', script]
  const [program, ...args] = IS_ROOT ? [...apart, image.root, image.workdir, ...become, ...command] : command
  const child = spawn(program!, args, {
    cwd: image.workdir,
    // In production no data lies in a temporary folder, as all of this does.
    env: { PATH: process.env.PATH, TMPDIR: '/var/tmp', ...atVolume, HOST: '127.0.0.1', PORT: String(port), ...env },
    stdio: 'ignore'
  })
  const exit = new Promise<number | null>(resolve => child.on('exit', resolve))
  t.teardown(() => {
    child.kill('SIGKILL')
    return exit
  })
  const container = new Container(child, exit, `http://127.0.0.1:${port}`)
  await eventually('the server to answer', () =>
    container.get('/health').then(
      ({ status }) => status === 200,
      () => {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
        return false
      }
    )
  )
  return container
}

function makeVolume(t: Test, owner: number): string {
  const volume = join(elsewhere(t), 'volume')
  mkdirSync(volume)
  chmodSync(volume, 0o755)
  if (IS_ROOT) execFileSync('chown', [`${owner}:${owner}`, volume])
  return volume
}

t.test('the Dockerfile is one that Docker takes, and holds to what matters', async t => {
  t.same(validate(readFileSync(join(ROOT, 'Dockerfile'), 'utf8')), [])

  const steps = readDockerfile()
  t.same(steps.at(-1)!.name, 'CMD')
  t.same(texts('USER'), [`${USER}:${USER}`])
  const lastStage = steps.slice(steps.findLastIndex(({ name }) => name === 'FROM'))
  t.ok(lastStage.some(({ name }) => name === 'USER'))
  t.match(
    texts('RUN').find(text => text.startsWith('apt-get')),
    / tini .*useradd --uid 10001 /
  )
  t.same(
    texts('ENTRYPOINT'),
    ['["tini", "--"]'],
    'the signal goes to the server alone, or its bots would not be told by it'
  )
  t.same(texts('STOPSIGNAL'), ['SIGTERM'])
  t.same(texts('VOLUME'), ['/data'])
  t.equal(texts('HEALTHCHECK').length, 1)
  t.match(texts('ENV').join(), /DATA_DIR=\/data\//)
  t.match(texts('ENV').join(), /DRAIN_SECONDS=0/, 'what Docker gives a stop by itself is enough')
  t.notMatch([...texts('ENV'), ...texts('ARG')].join(), /SECRET|PASSWORD|TOKEN/)
})

t.test('what an engine is sent is what the Dockerfile copies, and nothing besides', async t => {
  const sent = contextOf(readFileSync(join(ROOT, '.dockerignore'), 'utf8'))
  const copied = texts('COPY')
    .filter(text => !text.startsWith('--from='))
    .flatMap(text => text.split(' ').slice(0, -1))
    .map(source => source.split('/')[0]!)
  t.same([...sent].sort(), [...new Set(copied)].sort())
})

t.test('compose: what each host gives a stop is enough for it, and Caddy alone is believed', async t => {
  const { botyard, caddy } = compose.services
  const drainSeconds = Number(/:-(\d+)\}$/.exec(botyard.environment.DRAIN_SECONDS)![1])
  const graceSeconds = Number(/^(\d+)m$/.exec(botyard.stop_grace_period)![1]) * 60
  t.ok(graceSeconds >= drainSeconds + 45, 'ending what still runs takes 15 s, closing 30')
  t.ok(railway.deploy.drainingSeconds >= drainSeconds + 45)
  t.same(botyard.environment.TRUSTED_PROXY, caddy.networks.inside.ipv4_address)
  t.match(botyard, { read_only: true, cap_drop: ['ALL'], restart: 'unless-stopped', volumes: ['data:/data'] })
  t.notOk(botyard.ports, 'nobody reaches it but through Caddy')
  t.match(caddy, {
    depends_on: { botyard: { condition: 'service_healthy' } },
    environment: { UPSTREAM: `botyard:${/PORT=(\d+)/.exec(texts('ENV').join())![1]}` }
  })
  for (const volume of [...botyard.volumes, ...caddy.volumes].map((text: string) => text.split(':')[0]!))
    t.ok(volume.startsWith('./') || volume in compose.volumes, volume)
})

t.test('built step by step it runs, as nobody and on its volume alone', needsTini, async t => {
  const image = buildImage(t)

  await t.test('it is healthy by its own check, and takes its bots along when it is stopped', async t => {
    const volume = makeVolume(t, USER)
    const env = { PUBLIC_URL: 'https://bots.example.com', DRAIN_SECONDS: '1' }
    const container = await run(t, image, volume, { env })
    const check = image.healthcheck.map(word => inside(image.root, word))
    const healthy = (port: string) =>
      spawnSync(check[0]!, check.slice(1), { cwd: image.workdir, env: { PORT: port } }).status
    t.equal(healthy(new URL(container.url).port), 0)
    t.equal(healthy('9'), 1)
    t.match(await container.get('/'), { status: 200, text: /<div id="app">/ }, 'with the dashboard')

    await container.setUp(readSetupToken(join(volume, 'botyard')))
    const server = childrenOf(container.first)[0]!
    if (IS_ROOT) t.match(readFileSync(`/proc/${server}/status`, 'utf8'), new RegExp(`^Uid:\\s${USER}\\s`, 'm'))
    // A process that its parent forsakes is the first one's to bury.
    const script = 'echo "$HOME"; touch "$HOME/kept"; setsid sh -c "sleep 0.1" & sleep 600'
    const { id } = await container.start(await container.makeBot(['/bin/sh', '-c', script]))
    await container.printed(id, join(volume, 'home'))
    const orphans = () => childrenOf(container.first).map(pid => readFileSync(`/proc/${pid}/stat`, 'utf8'))
    await eventually('no orphan to be left unburied', () => !orphans().some(stat => / Z /.test(stat)))
    t.equal(await container.stop(), 0)

    const next = await run(t, image, volume, { env })
    await next.signIn()
    t.match(await next.execution(id), { state: 'cancelled', reason: 'shutdown' })
    t.equal(await next.stop(), 0)
  })

  await t.test('with BOT_USER its bots are kept from what is the server’s', needsRoot, async t => {
    const volume = makeVolume(t, 0)
    const env = { PUBLIC_URL: 'https://bots.example.com', BOT_USER, DRAIN_SECONDS: '0' }
    // Root with no more rights than the documentation says it takes.
    const [, added] = /cap_add: \[(.*)\]/.exec(readFileSync(join(ROOT, 'docs/containers.md'), 'utf8'))!
    const rights = added!.split(', ').map(right => `+${right.toLowerCase()}`)
    const limited = ['setpriv', '--inh-caps=-all', `--bounding-set=-all,${rights.join()}`, '--no-new-privs', '--']
    const command = [...limited, ...image.entrypoint, ...image.command]
    const container = await run(t, image, volume, { asRoot: true, command, env })
    await container.setUp(readSetupToken(join(volume, 'botyard')))
    const script = 'id -u; cat "$0" && echo open'
    const bot = await container.makeBot(['/bin/sh', '-c', script, join(volume, 'botyard/.secret_key')])
    const { id } = await container.start(bot)
    t.match(await endOf(container, id), { state: 'failed' })
    t.match((await container.downloadLog(id)).toString(), new RegExp(`^${BOT_UID}\n.*Permission denied`))
    t.equal(await container.stop(), 0)
  })

  await t.test('on Railway it starts with the command of railway.json, on a volume that is root’s', async t => {
    const volume = makeVolume(t, 0)
    const container = await run(t, image, volume, {
      command: parseArgsStringToArgv(railway.deploy.startCommand),
      asRoot: true,
      env: { RAILWAY_PUBLIC_DOMAIN: 'botyard.up.railway.app' }
    })
    t.equal((await container.get(railway.deploy.healthcheckPath)).status, 200)
    await container.setUp(readSetupToken(join(volume, 'botyard')))
    t.match((await container.get('/api/machine')).body, { publicUrl: 'https://botyard.up.railway.app' })
    // As Railway's edge says it: who asks, and itself.
    await container.request('POST', '/api/auth/login', {
      body: { email: 'admin@example.com', password: 'correct horse battery' },
      headers: { 'x-forwarded-for': '203.0.113.7, 198.51.100.9', 'user-agent': 'by the edge' }
    })
    const { items } = (await container.get('/api/auth/sessions')).body
    t.match(
      items.find((session: { userAgent: string }) => session.userAgent === 'by the edge'),
      { address: '203.0.113.7' }
    )
    if (IS_ROOT) {
      t.match(readFileSync(`/proc/${childrenOf(container.first)[0]}/status`, 'utf8'), /^Uid:\s10001\s/m)
      t.equal(statSync(join(volume, 'botyard')).uid, USER)
    }
    t.equal(await container.stop(), 0)
  })
})
