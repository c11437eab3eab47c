import { type Logger, pino } from 'pino'

/** A line of the server's log. */
export interface Said {
  level: number
  msg: string
  [name: string]: unknown
}

/** A logger, and what is said to it. */
export function listeningLogger(): { logger: Logger; said: Said[] } {
  const said: Said[] = []
  return { logger: pino({ level: 'info' }, { write: line => void said.push(JSON.parse(line)) }), said }
}
