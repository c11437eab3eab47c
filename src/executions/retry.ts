import type { Outcome } from '../attempts/judgement.ts'
import type { Bot } from '../bots/bot.ts'

type Policy = Bot['retry']

/**
 * How long to wait before the next attempt, in milliseconds; null when there is none. The wait doubles from attempt to
 * attempt, and half of it is left to chance ("equal jitter"), so that what failed together does not come back together.
 * `chance` is in [0, 1).
 */
export function retryDelay(policy: Policy, attempt: number, outcome: Outcome, chance: number): number | null {
  if (attempt >= policy.maxAttempts || !mayRetry(policy, outcome)) return null
  const whole = Math.min(policy.maxBackoffMs, policy.backoffMs * 2 ** (attempt - 1))
  return Math.round(whole / 2 + (whole / 2) * chance)
}

function mayRetry({ on, exitCodes }: Policy, { reason, exitCode }: Outcome): boolean {
  if (!on.some(retryable => retryable === reason)) return false
  const byExitCode = reason === 'exit_code' || reason === 'signal'
  return !byExitCode || exitCodes.length === 0 || exitCodes.some(code => code === exitCode)
}
