import { join } from 'node:path'
import { AttemptDirectory, attemptsFolder } from '../attempts/attempt-directory.ts'
import type { Launch } from '../attempts/launcher.ts'
import { type Bot, fill, type ParameterValues } from '../bots/bot.ts'
import type { FieldError } from '../errors.ts'
import { laneFolder } from './admission.ts'
import type { Trigger } from './execution.ts'

/** What an attempt is launched with, besides its bot. */
export interface LaunchContext {
  executionId: string
  attemptId: string
  trigger: Trigger
  parameters: ParameterValues
  /** Filled in; null for a bot without one. */
  concurrencyKey: string | null
  dataDir: string
  /** The environment every bot starts from. */
  baseEnvironment: Record<string, string>
  /** The values of the secrets it names, by name. */
  secrets: Record<string, string>
}

/** A bot and its parameters as what the system is asked to run. Pure. */
export function launchOf(bot: Bot, context: LaunchContext): Launch {
  const { parameters } = context
  const directory = new AttemptDirectory(attemptsFolder(context.dataDir), context.attemptId)
  return {
    folder: directory.path,
    argv: bot.command.map(argument => fill(argument, parameters)),
    cwd: bot.cwd ?? workspace(bot, context),
    env: {
      ...context.baseEnvironment,
      ...Object.fromEntries(Object.entries(bot.env).map(([name, value]) => [name, fill(value, parameters)])),
      ...context.secrets,
      BOTYARD_EXECUTION_ID: context.executionId,
      BOTYARD_BOT: bot.slug,
      BOTYARD_TRIGGER: context.trigger,
      BOTYARD_OUTPUT: directory.output,
      BOTYARD_ARTIFACTS: directory.artifacts
    },
    secretValues: Object.values(context.secrets),
    terminal: bot.terminal,
    input: bot.input || bot.terminal,
    maxLogBytes: bot.maxLogBytes,
    assert: bot.assert,
    limits: bot.limits
  }
}

/** Executions of different lanes run at the same time, so each lane has a folder of its own. */
function workspace(bot: Bot, { dataDir, concurrencyKey }: LaunchContext): string {
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
