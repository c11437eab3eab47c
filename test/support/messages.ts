import type { Message } from '../../src/notifications/message.ts'

/** A message about a bot that failed. */
export function aMessage(more: Partial<Message> = {}): Message {
  return {
    event: 'failed',
    at: Date.UTC(2026, 4, 17, 8, 30),
    tone: 'bad',
    who: 'Nightly backup',
    what: 'failed',
    facts: [
      { label: 'Why', value: 'It ended with exit code 3.' },
      { label: 'Took', value: '12 s' }
    ],
    log: ['copying', 'no space left'],
    url: 'https://bots.example.com/executions/1',
    data: { bot: { name: 'Nightly backup' } },
    ...more
  }
}
