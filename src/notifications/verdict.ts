import type { OutgoingAnswer } from '../outgoing/outgoing.ts'
import { cut, plainLine } from './text.ts'

/** What came of sending a notice. `detail` is for people. */
export type Verdict =
  | { kind: 'sent'; detail: string }
  /** Trying again would come to the same. */
  | { kind: 'refused'; detail: string }
  /** `afterMs`: not before that, when the other side said so. */
  | { kind: 'again'; detail: string; afterMs: number | null }

const SAID_CHARACTERS = 200

/** Who asks to be left alone for longer is asked again after this. */
const MAX_AFTER_MS = 24 * 3_600_000

/** What an HTTP answer means. Pure. */
export function judgeAnswer(answer: OutgoingAnswer, now: number): Verdict {
  const { status } = answer
  const said = cut(plainLine(answer.text), SAID_CHARACTERS)
  const detail = said ? `It answered ${status}: ${said}` : `It answered ${status}.`
  if (status >= 200 && status < 300) return { kind: 'sent', detail }
  if (status >= 300 && status < 400)
    return {
      kind: 'refused',
      detail: `It answered ${status}, a redirect. Those are not followed: name the address it leads to.`
    }
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) return { kind: 'refused', detail }
  return { kind: 'again', detail, afterMs: retryAfter(answer, now) }
}

/** By the header, or as Telegram says it; null when it is not said. */
function retryAfter({ headers, text }: OutgoingAnswer, now: number): number | null {
  const header = String(headers['retry-after'] ?? '')
  const seconds = /^\d+(\.\d+)?$/.test(header) ? Number(header) : secondsIn(text)
  const ms = seconds === null ? Date.parse(header) - now : seconds * 1000
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), MAX_AFTER_MS)
}

function secondsIn(text: string): number | null {
  const match = /"retry_after":\s*(\d{1,9}(?:\.\d+)?)/.exec(text)
  return match ? Number(match[1]) : null
}

/** What a mail server's answer means: one that begins with 5 is for good (RFC 5321, section 4.2.1). Pure. */
export function judgeMailError(responseCode: number | undefined, words: string): Verdict {
  const detail = cut(plainLine(words), SAID_CHARACTERS)
  return responseCode !== undefined && responseCode >= 500
    ? { kind: 'refused', detail }
    : { kind: 'again', detail, afterMs: null }
}

/** Text without secrets that whoever was told them has put into his answer: whole, and of an address every part. */
export function withoutSecrets(text: string, secrets: string[]): string {
  const parts = secrets.flatMap(secret => [secret, ...(URL.parse(secret) ? secret.split(/[/?&=:@]+/).slice(1) : [])])
  const hidden = [...parts, ...parts.map(encodeURIComponent)].filter(part => part.length >= 6)
  return hidden.sort((a, b) => b.length - a.length).reduce((rest, part) => rest.replaceAll(part, '***'), text)
}
