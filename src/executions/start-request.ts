import { createHash } from 'node:crypto'
import type { Bot, ParameterValues } from '../bots/bot.ts'
import { checkParameters } from '../bots/parameters.ts'
import { AppError } from '../lib/errors.ts'
import type { Trigger } from './execution.ts'
import type { Idempotency } from './idempotency.ts'
import { unlaunchable } from './launch.ts'

/** Why a trigger starts a bot. */
export interface Cause {
  triggerId: string
  /** What happened that it does: for each occasion it starts one execution, however often it asks. */
  occasion: string
  /** JSON text for the bot; null for none. */
  payload: string | null
  /** How many chains lead to it. */
  depth?: number
}

/** What somebody or something asks for: to start a bot. */
export interface StartRequest {
  trigger: Trigger
  by: string | null
  parameters: ParameterValues
  /** Of a schedule, a webhook or a chain. */
  cause?: Cause
  /** With a key, asking again for the same starts nothing. */
  idempotencyKey?: string | undefined
}

/** The parameters that somebody sent for a bot, with its defaults filled in. @throws AppError `invalid_parameters` */
export function parametersOf(bot: Bot, parameters: ParameterValues): ParameterValues {
  const { values, errors } = checkParameters(bot.parameters, parameters)
  errors.push(...unlaunchable(values))
  if (errors.length === 0) return values
  const why = errors.slice(0, 3).map(({ path, message }) => `${path.slice(1)} ${message}`.trim())
  throw new AppError('invalid_parameters', `${bot.slug} cannot be started with these parameters: ${why.join('; ')}.`, {
    errors: errors.map(({ path, message }) => ({ path: `/parameters${path === '/' ? '' : path}`, message }))
  })
}

/** What tells whether a user asks for the same again; null without a key. */
export function idempotencyOf(request: StartRequest, bot: Bot, rerunOf: string | null): Idempotency | null {
  if (request.idempotencyKey === undefined || request.by === null) return null
  const asked = JSON.stringify([bot.id, rerunOf, request.parameters])
  const requestHash = createHash('sha256').update(asked).digest('hex')
  return { userId: request.by, key: request.idempotencyKey, requestHash }
}
