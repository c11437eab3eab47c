import type { Delivery } from '../api/types.ts'
import type { Tone } from '../lib/words.ts'

/** What became of a delivery: how that is called and coloured, and what it means where nothing else says so. */
export const verdicts: Record<Delivery['verdict'], { word: string; tone: Tone; meaning: string | null }> = {
  received: { word: 'Being looked at', tone: 'busy', meaning: null },
  started: { word: 'Started', tone: 'ok', meaning: null },
  skipped: {
    word: 'Skipped',
    tone: 'rest',
    meaning: 'Another execution had not ended, and this bot skips what is started meanwhile.'
  },
  filtered: { word: 'Filtered', tone: 'rest', meaning: 'The filters leave it out.' },
  ping: { word: 'Ping', tone: 'rest', meaning: 'The sender tried whether this server is there.' },
  challenge: {
    word: 'Challenge',
    tone: 'rest',
    meaning: 'The sender asked whether this address is meant for it, and was answered.'
  },
  disabled: { word: 'Trigger off', tone: 'warn', meaning: 'The trigger was switched off.' },
  automation_off: { word: 'Automation off', tone: 'warn', meaning: 'All automation was switched off.' },
  bot_disabled: { word: 'Bot disabled', tone: 'warn', meaning: 'The bot was disabled.' },
  invalid_parameters: {
    word: 'Wrong parameters',
    tone: 'bad',
    meaning: 'What came does not fit the parameters of the bot.'
  },
  queue_full: {
    word: 'Queue full',
    tone: 'warn',
    meaning: 'Too much was waiting. The sender was asked to send it again.'
  },
  unreadable: { word: 'Unreadable', tone: 'bad', meaning: 'The body is not what its Content-Type says.' },
  too_slow: {
    word: 'Too slow',
    tone: 'bad',
    meaning: 'The filters or the places of parameters took too long with it.'
  },
  repeated: { word: 'Repeated', tone: 'rest', meaning: 'The sender had sent it before; it starts the bot once.' },
  invalid_signature: { word: 'Not believed', tone: 'bad', meaning: 'Its signature is missing or wrong.' },
  stale: { word: 'Too old', tone: 'bad', meaning: 'It was signed at another time.' },
  too_large: { word: 'Too large', tone: 'bad', meaning: 'It is over 10 MiB.' }
}

export const meaningOf = ({ verdict, detail }: Pick<Delivery, 'verdict' | 'detail'>): string | null =>
  detail ?? verdicts[verdict].meaning
