import './config/load-env.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import closeWithGrace from 'close-with-grace'
import settings from '../gunicorn-equivalent.config.ts'
import { type Config, readConfig } from './config/config.ts'
import { describeConfig } from './config/describe.ts'
import { StartError } from './lib/errors.ts'
import { localAddress } from './lib/public-address.ts'
import { closeInherited } from './process/inherited-descriptors.ts'
import { giveBackMemory } from './process/memory.ts'
import { serverLog } from './process/server-log.ts'
import { takeServiceManager } from './process/service-manager.ts'

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

  // What the server makes is for itself alone; what bots make has the mask it was started with.
  const botMask = process.umask(0o077)
  const reports = config.sentry && (await import('./process/sentry.ts')).startSentry(config.sentry)
  const { createApp } = await import('./app.ts')
  const { GIVEN, Launcher } = await import('./attempts/launcher.ts')
  closeInherited(launcherIsGiven ? [GIVEN.stdin, GIVEN.stdout] : [])
  const logger = serverLog(config.logLevel, reports?.error)
  const manager = takeServiceManager(process.env, logger)
  const app = await createApp(config, logger, new Launcher(launcherIsGiven, botMask), undefined, reports)
  closeWithGrace({ delay: false, logger, skip: ['beforeExit'] }, async ({ err, signal }) => {
    manager.stopping()
    if (err) logger.fatal({ err }, 'the server stops because of an error it did not expect')
    else logger.info({ signal, drainMs: config.drainMs }, 'the server was told to stop')
    if (!err && config.drainMs !== null) await app.drain(config.drainMs)
    await Promise.race([app.http.close(), timeIsUp(config.gracefulTimeoutMs)]).finally(() => reports?.stop())
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
  await manager.ready()
  setTimeout(giveBackMemory, SETTLED_MS).unref()
}

/** Closing takes no longer than this. */
async function timeIsUp(afterMs: number): Promise<never> {
  await delay(afterMs)
  throw new Error(`what was still being answered after ${afterMs} ms is cut off`)
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
