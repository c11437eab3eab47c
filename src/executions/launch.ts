import { join } from 'node:path'
import { attemptsFolder } from '../attempts/attempt-directory.ts'
import type { BotUser } from '../attempts/bot-user.ts'
import type { Launch } from '../attempts/launcher.ts'
import { resultsFolder } from '../attempts/results.ts'
import { type Bot, fill, Given, type ParameterValues } from '../bots/bot.ts'
import type { FieldError } from '../lib/errors.ts'
import { laneFolder } from './admission.ts'
import type { Claim } from './rows.ts'

/** What an attempt is launched with, besides its bot and what its execution says. */
export interface LaunchContext {
  dataDir: string
  /** The environment every bot starts from. */
  baseEnvironment: Record<string, string>
  /** The values of the secrets it names, by name. */
  secrets: Record<string, string>
  /** JSON text that its execution was given; null for none. */
  payload: string | null
  /** Whom it runs as; null for the server's own user. */
  user: BotUser | null
}

/** A bot and its parameters as what the system is asked to run. Pure. */
export function launchOf(
  bot: Bot,
  claim: Pick<Claim, 'id' | 'number' | 'executionId' | 'trigger' | 'parameters' | 'concurrencyKey'>,
  { dataDir, baseEnvironment, secrets, payload, user }: LaunchContext
): Launch {
  const given = new Given(claim.parameters, payload)
  const filled = (text: string) => fill(text, given)
  const folder = join(attemptsFolder(dataDir), claim.id)
  const results = user ? resultsFolder(attemptsFolder(dataDir), claim.id) : folder
  return {
    folder,
    argv: bot.command.map(filled),
    cwd: bot.cwd ?? workspace(bot, claim.concurrencyKey, dataDir),
    env: {
      ...baseEnvironment,
      ...(user && { HOME: user.home }),
      ...Object.fromEntries(Object.entries(bot.env).map(([name, value]) => [name, filled(value)])),
      ...secrets,
      BOTYARD_EXECUTION_ID: claim.executionId,
      BOTYARD_ATTEMPT_NUMBER: String(claim.number),
      BOTYARD_BOT: bot.slug,
      BOTYARD_TRIGGER: claim.trigger,
      ...(payload !== null && { BOTYARD_PAYLOAD: join(results, 'payload') }),
      BOTYARD_OUTPUT: join(results, 'output'),
      BOTYARD_ARTIFACTS: join(results, 'artifacts')
    },
    secretValues: Object.values(secrets),
    payload,
    terminal: bot.terminal,
    input: bot.input || bot.terminal,
    maxLogBytes: bot.maxLogBytes,
    assert: bot.assert,
    limits: bot.limits,
    user
  }
}

/** Executions of different lanes run at the same time, so each lane has a folder of its own. */
function workspace(bot: Bot, concurrencyKey: string | null, dataDir: string): string {
  const folder = join(dataDir, 'workspaces', bot.slug)
  return concurrencyKey === null ? folder : join(folder, laneFolder(concurrencyKey))
}

/** What the system could not be given, by the parameter that brings it: an argument ends at its first NUL. */
export function unlaunchable(parameters: ParameterValues): FieldError[] {
  return Object.entries(parameters)
    .filter(([, value]) => hasNul(value))
    .map(([name]) => ({ path: `/${name}`, message: 'must not contain a NUL character' }))
}

function hasNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0')
  return typeof value === 'object' && value !== null && Object.entries(value).flat().some(hasNul)
}
