import { join } from 'node:path'
import { type Bot, fill, type ParameterValues } from '../bots/bot.ts'
import type { FieldError } from '../errors.ts'
import type { Trigger } from './execution.ts'
import type { Launch } from './launcher.ts'

/** What an attempt is launched with, besides its bot. */
export interface LaunchContext {
  executionId: string
  attemptId: string
  trigger: Trigger
  parameters: ParameterValues
  dataDir: string
  /** The environment every bot starts from. */
  baseEnvironment: Record<string, string>
}

export function attemptsFolder(dataDir: string): string {
  return join(dataDir, 'attempts')
}

/** A bot and its parameters as what the system is asked to run. Pure. */
export function launchOf(bot: Bot, context: LaunchContext): Launch {
  const { parameters } = context
  return {
    folder: join(attemptsFolder(context.dataDir), context.attemptId),
    argv: bot.command.map(argument => fill(argument, parameters)),
    cwd: bot.cwd ?? join(context.dataDir, 'workspaces', bot.slug),
    env: {
      ...context.baseEnvironment,
      ...Object.fromEntries(Object.entries(bot.env).map(([name, value]) => [name, fill(value, parameters)])),
      BOTYARD_EXECUTION_ID: context.executionId,
      BOTYARD_BOT: bot.slug,
      BOTYARD_TRIGGER: context.trigger
    },
    maxLogBytes: bot.maxLogBytes
  }
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
