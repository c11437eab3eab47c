import type { Bot } from '../bots/bot.ts'
import type { ErrorCode } from '../errors.ts'

export type Admission = { kind: 'queued' } | { kind: 'rejected'; code: ErrorCode; detail: string }

/** Whether a bot may be started now. Concurrency does not enter here: with policy `queue`, one more waits. */
export function admit(bot: Bot): Admission {
  if (!bot.enabled)
    return { kind: 'rejected', code: 'bot_disabled', detail: `${bot.slug} is disabled. Enable it to run it.` }
  return { kind: 'queued' }
}
