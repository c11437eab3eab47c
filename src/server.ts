import './load-env.ts'
import { parseArgs } from 'node:util'
import closeWithGrace from 'close-with-grace'
import { pino } from 'pino'
import settings from '../gunicorn-equivalent.config.ts'
import { type Config, describeConfig, readConfig } from './config.ts'
import { StartError } from './errors.ts'
import { closeInherited } from './inherited-descriptors.ts'
import { giveBackMemory, keepNurserySmall } from './memory.ts'
import { localAddress } from './public-address.ts'

/** When whoever waited for the start has been served. */
const SETTLED_MS = 1000

async function start(): Promise<void> {
  if (process.platform !== 'linux') {
    throw new StartError(`Botyard runs on Linux only: it relies on /proc and util-linux. This is ${process.platform}.`)
  }
  const { checkOnly, launcherIsGiven } = readArguments()
  const config = readConfig(process.env, settings)
  if (checkOnly) {
    console.log(describeConfig(config))
    return
  }

  keepNurserySmall()
  // What the server makes is for itself alone; what bots make has the mask it was started with.
  const botMask = process.umask(0o077)
  const { createApp } = await import('./app.ts')
  const { GIVEN, Launcher } = await import('./attempts/launcher.ts')
  closeInherited(launcherIsGiven ? [GIVEN.stdin, GIVEN.stdout] : [])
  const logger = pino({ level: config.logLevel, redact: ['req.headers.authorization', 'req.headers.cookie'] })
  const app = await createApp(config, logger, new Launcher(launcherIsGiven, botMask))
  closeWithGrace({ delay: config.gracefulTimeoutMs, logger, skip: ['beforeExit'] }, async ({ err }) => {
    if (err) logger.fatal({ err }, 'the server stops because of an error it did not expect')
    await app.http.close()
  })
  await app.http.listen({ host: config.host, port: config.port }).catch(async error => {
    await app.http.close()
    throw new StartError(describeListenFailure(error, config))
  })

  const { port } = app.http.server.address() as { port: number }
  if (app.setupToken) {
    const url = `${config.publicUrl ?? localAddress(config.host, port)}/setup#${app.setupToken}`
    // To people, beside the log that is for programs.
    console.error(
      `\n  Nobody has an account yet. Make the administrator:\n\n    ${url}\n\n  Setup token: ${app.setupToken}\n`
    )
  }
  setTimeout(giveBackMemory, SETTLED_MS).unref()
}

/** `--check-config` is for people, `--launcher-given` for `deploy/start.sh`. */
function readArguments(): { checkOnly: boolean; launcherIsGiven: boolean } {
  const flag = { type: 'boolean', default: false } as const
  try {
    const { values } = parseArgs({ options: { 'check-config': flag, 'launcher-given': flag } })
    return { checkOnly: values['check-config'], launcherIsGiven: values['launcher-given'] }
  } catch (error) {
    throw new StartError(`${(error as Error).message}\nUsage: node src/server.ts [--check-config]`)
  }
}

function describeListenFailure(error: NodeJS.ErrnoException, config: Config): string {
  const where = `${config.host}:${config.port}`
  if (error.code === 'EADDRINUSE')
    return `Port ${config.port} is in use on ${config.host}. Stop what uses it, or set PORT to another.`
  if (error.code === 'EACCES')
    return `${where} may not be used by this user. Ports below 1024 need a right to; set PORT to another.`
  return `The server cannot listen on ${where}: ${error.message}`
}

if (import.meta.main) {
  await start().catch(error => {
    console.error(error instanceof StartError ? error.message : error)
    process.exitCode = 1
  })
}
