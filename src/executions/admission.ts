import { createHash } from 'node:crypto'
import { type Bot, fill, type Given } from '../bots/bot.ts'
import type { ErrorCode } from '../lib/errors.ts'
import type { SkipReason } from './execution.ts'

/** How things stand when somebody asks for one more execution of a bot. */
export interface Load {
  /** Executions of all bots that wait. */
  queued: number
  maxQueued: number
  /** Executions in the same lane that wait or run, a retry that waits among them. */
  unfinished: number
  /** How many chains led to it. */
  depth: number
}

/** A chain that is longer goes round in a circle, or might as well. */
export const MAX_DEPTH = 10

export type Admission =
  /** `replaces`: how many of its lane, the oldest first, give way to it. */
  | { kind: 'queued'; replaces: number }
  /** It never runs, and the history says why. */
  | { kind: 'skipped'; reason: SkipReason; detail: string }
  | { kind: 'rejected'; code: ErrorCode; detail: string }

/**
 * Executions that may run at a time in a lane: the executions of a bot with the same concurrency key, or all of a bot
 * that has none.
 */
export function laneSize({ concurrency }: Pick<Bot, 'concurrency'>): number {
  return concurrency.key === null ? concurrency.limit : 1
}

/** Whether a bot may be started now, and what that does to others in its lane. */
export function admit(bot: Bot, load: Load): Admission {
  const room = laneSize(bot) - load.unfinished
  if (!bot.enabled)
    return { kind: 'rejected', code: 'bot_disabled', detail: `${bot.slug} is disabled. Enable it to run it.` }
  if (load.depth > MAX_DEPTH)
    return {
      kind: 'skipped',
      reason: 'chain_depth',
      detail: `${MAX_DEPTH} chains led to this one; no more are followed.`
    }
  if (bot.concurrency.policy === 'skip' && room <= 0)
    return { kind: 'skipped', reason: 'overlap', detail: 'Another execution had not ended.' }
  if (load.queued >= load.maxQueued)
    return { kind: 'rejected', code: 'queue_full', detail: `${load.queued} executions wait already. Ask again later.` }
  return { kind: 'queued', replaces: bot.concurrency.policy === 'replace' ? Math.max(0, 1 - room) : 0 }
}

/** A key longer than this is kept as its hash. */
const MAX_KEY_LENGTH = 200

/** The lane an execution that is given this belongs to; null for a bot without a key, which is one lane. */
export function laneKey({ concurrency }: Pick<Bot, 'concurrency'>, given: Given): string | null {
  if (concurrency.key === null) return null
  const key = fill(concurrency.key, given)
  return key.length <= MAX_KEY_LENGTH ? key : createHash('sha256').update(key).digest('hex')
}

/** A name for a folder of a lane: some of the key for people, and its hash, as no two keys may share a folder. */
export function laneFolder(key: string): string {
  const readable = key
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 40)
  return `${readable || 'key'}-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`
}
