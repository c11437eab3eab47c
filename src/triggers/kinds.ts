import type { Bot } from '../bots/bot.ts'
import type { FieldError } from '../lib/errors.ts'
import type { Trigger } from './trigger.ts'

export const TRIGGER_KINDS = ['schedule', 'webhook', 'chain'] as const
export type TriggerKind = (typeof TRIGGER_KINDS)[number]

/** After which ends of the bot before it a chain goes on. */
export const CHAIN_ON = ['succeeded', 'failed', 'any'] as const

/** What a kind of trigger knows of its settings, of type `Settings` once they are whole. */
export interface KindRules<Settings> {
  /** Whole settings out of what was given, and of what was before (null for a new trigger). */
  settle(given: Partial<Settings>, before: Settings | null, now: number): Settings
  /**
   * What is wrong with it, which was `before` (null for a new trigger); empty when it may be saved. Paths begin with the
   * name of the kind or with /parameters. `secret`: one that is given now.
   */
  problems(
    trigger: Trigger,
    bot: Bot,
    before: Trigger | null,
    secret: string | undefined
  ): FieldError[] | Promise<FieldError[]>
}
