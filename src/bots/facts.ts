import { difference, type Facts } from '../audit/audit.ts'
import type { Bot } from './bot.ts'

/** A bot as the audit log keeps it: of its variables only the names, as people put tokens into them. */
export function botFacts(bot: Bot): Facts {
  const { id: _id, createdAt: _created, updatedAt: _updated, ...facts } = bot
  return { ...facts, env: Object.keys(bot.env).sort() }
}

/** What a change of a bot has altered. Variables that got another value are named in `envValues`. */
export function differenceOf(before: Bot, after: Bot): { before: Facts; after: Facts } {
  const changed = difference(botFacts(before), botFacts(after))
  const envValues = Object.keys(after.env).filter(name => name in before.env && before.env[name] !== after.env[name])
  return envValues.length === 0 ? changed : { before: changed.before, after: { ...changed.after, envValues } }
}

export function botSubject(bot: Bot): { type: 'bot'; id: string; name: string } {
  return { type: 'bot', id: bot.id, name: bot.slug }
}
