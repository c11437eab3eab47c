/** The files that platforms read: each names a command, which is run as the platform would, and what it is to be asked. */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import settings from '../../gunicorn-equivalent.config.ts'
import { readConfig } from '../../src/config/config.ts'
import { Variables } from '../../src/config/variables.ts'
import { noProcessesLeft, readSetupToken } from '../support/app.ts'
import { Client } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { ROOT } from '../support/image.ts'
import { freePort } from '../support/port.ts'
import { eventually } from '../support/wait.ts'

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const railway = JSON.parse(read('railway.json'))
const render = parse(read('render.yaml')).services[0]

/** What ending bots and closing may take after the seconds to drain. */
const AFTER_DRAIN_SECONDS = 45

interface Variable {
  key: string
  value?: string
  generateValue?: boolean
}

/** What a blueprint sets, with what Render makes up, and paths on its disk in `folder`. */
function renderVariables(folder: string): Record<string, string> {
  const made = Buffer.alloc(32, 7).toString('base64')
  return Object.fromEntries(
    render.envVars.map(({ key, value, generateValue }: Variable) => [
      key,
      generateValue ? made : value!.replace(render.disk.mountPath, folder)
    ])
  )
}

/** Runs a command line in the repository, as a platform does, and waits until `health` is answered. */
async function start(t: Test, command: string, health: string, dataDir: string, env: Record<string, string>) {
  const port = await freePort()
  const child = spawn('/bin/sh', ['-c', command], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, PORT: String(port), HOST: '127.0.0.1', ...env },
    stdio: ['ignore', 'ignore', 'ignore']
  })
  const exit = new Promise<number | null>(resolve => child.on('exit', resolve))
  t.teardown(async () => {
    child.kill('SIGKILL')
    await exit
    await noProcessesLeft(t, dataDir)
  })
  const client = new Client(`http://127.0.0.1:${port}`)
  await eventually('the server to answer', () =>
    client.get(health).then(
      ({ status }) => status === 200,
      () => {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
        return false
      }
    )
  )
  const stop = () => {
    child.kill('SIGTERM')
    return exit
  }
  return { client, stop }
}

/** Whom a server believes to be asked by, where a request comes from `peer` and says this of those before. */
async function senderBehind(trustProxy: string[], peer: string, forwarded: string): Promise<string> {
  const app = Fastify({ trustProxy }).get('/', request => request.ip)
  const answer = await app.inject({ url: '/', remoteAddress: peer, headers: { 'x-forwarded-for': forwarded } })
  return answer.body
}

t.test('Procfile: its one process is the server, on the port it is given', async t => {
  const processes = read('Procfile').trim().split('\n')
  t.equal(processes.length, 1)
  const [name, command] = processes[0]!.split(/: (.*)/)
  t.equal(name, 'web')
  const dataDir = testFolder(t)
  const { client, stop } = await start(t, command!, '/health', dataDir, { DATA_DIR: dataDir })
  t.match(await client.get('/'), { status: 200, text: /<div id="app">/ })
  t.equal(await stop(), 0)
})

t.test('Render: the blueprint starts a server that ends its bots in the time Render gives it', async t => {
  const folder = testFolder(t, { disk: {}, elsewhere: {} })
  // In production no data lies in a temporary folder.
  const env = { ...renderVariables(join(folder, 'disk')), TMPDIR: join(folder, 'elsewhere') }
  const url = { RENDER_EXTERNAL_URL: 'https://botyard.onrender.com' }
  mkdirSync(join(folder, 'disk/botyard'))
  const dataDir = join(folder, 'disk/botyard')
  const { client, stop } = await start(t, render.startCommand, render.healthCheckPath, dataDir, {
    ...env,
    ...url,
    DRAIN_SECONDS: '0'
  })
  await client.setUp(readSetupToken(dataDir))
  t.match((await client.get('/api/machine')).body, { publicUrl: url.RENDER_EXTERNAL_URL })
  const { id } = await client.start(await client.makeBot(['/bin/sleep', '600']))
  await eventually('the bot to run', async () => (await client.execution(id)).attempts[0]?.pid)
  t.equal(await stop(), 0)

  const own = { PUBLIC_URL: 'https://bots.example.com' }
  const next = await start(t, render.startCommand, render.healthCheckPath, dataDir, { ...env, ...url, ...own })
  await next.client.signIn()
  t.match(await next.client.execution(id), { state: 'cancelled', reason: 'shutdown' })
  t.match(
    (await next.client.get('/api/machine')).body,
    { publicUrl: own.PUBLIC_URL },
    'a domain of one’s own goes before'
  )
  t.equal(await next.stop(), 0)
})

t.test('Render: what the blueprint sets is known, and what must be is set', async t => {
  const names: string[] = render.envVars.map(({ key }: Variable) => key)
  for (const name of names.filter(name => !/^NODE_(VERSION|COMPILE_CACHE)$/.test(name)))
    t.ok(name in Variables.properties, name)
  for (const name of ['NODE_ENV', 'DATA_DIR', 'SECRET_KEY', 'TRUSTED_PROXY', 'DRAIN_SECONDS'])
    t.ok(names.includes(name), name)
  t.match(
    render.envVars.find(({ key }: Variable) => key === 'SECRET_KEY'),
    { generateValue: true, value: undefined }
  )

  const env = { ...renderVariables('/var/data'), PUBLIC_URL: 'https://botyard.onrender.com' }
  const config = readConfig(env, settings)
  t.ok(config.dataDir.startsWith(`${render.disk.mountPath}/`))
  t.ok(config.production)
  t.ok(render.maxShutdownDelaySeconds <= 300, 'Render allows no more')
  t.ok(config.drainMs! / 1000 + AFTER_DRAIN_SECONDS <= render.maxShutdownDelaySeconds)
  t.match(render.buildCommand, /npm ci --include=dev/, 'NODE_ENV would leave out what builds the dashboard')
})

t.test('Render: who asks is who its proxies say, and nobody can say it himself', async t => {
  const { trustedProxy } = readConfig({ TRUSTED_PROXY: renderVariables(tmpdir()).TRUSTED_PROXY }, settings)
  const [visitor, cloudflare, proxy] = ['203.0.113.7', '104.22.17.40', '10.21.157.68']
  t.equal(await senderBehind(trustedProxy, proxy!, `${visitor}, ${cloudflare}`), visitor)
  t.equal(await senderBehind(trustedProxy, proxy!, `198.51.100.1, ${visitor}, ${cloudflare}`), visitor)
  t.equal(await senderBehind(trustedProxy, proxy!, `2001:db8::7, 2606:4700::6810:1`), '2001:db8::7')
  t.equal(await senderBehind(trustedProxy, '127.0.0.1', visitor!), '127.0.0.1', 'nor a bot')
})

t.test('Railway: it builds the Dockerfile, waits for health, and tries three times when the server fails', async t => {
  t.match(railway.build, { builder: 'DOCKERFILE', dockerfilePath: 'Dockerfile' })
  t.match(railway.deploy, {
    healthcheckPath: '/health',
    restartPolicyType: 'ON_FAILURE',
    restartPolicyMaxRetries: 3,
    requiredMountPath: '/data',
    numReplicas: 1,
    overlapSeconds: 0
  })
  const drainSeconds = Number(/\|\| DRAIN_SECONDS=(\d+)/.exec(read('deploy/railway.sh'))![1])
  t.ok(drainSeconds + AFTER_DRAIN_SECONDS <= railway.deploy.drainingSeconds)
})

t.test('Railway: who asks is who its edge says, whichever of its addresses that has', async t => {
  const all = /TRUSTED_PROXY:=([^}]+)/.exec(read('deploy/railway.sh'))![1]!
  const { trustedProxy } = readConfig({ TRUSTED_PROXY: all }, settings)
  t.equal(await senderBehind(trustedProxy, '100.64.0.3', '203.0.113.7, 152.233.33.9'), '203.0.113.7')
  t.equal(await senderBehind(trustedProxy, 'fd12::3', '2001:db8::7, 152.233.33.9'), '2001:db8::7')
})
