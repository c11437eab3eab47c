import type SMTPTransport from 'nodemailer/lib/smtp-transport/index.js'
import { failureOf, type Outgoing } from '../outgoing/outgoing.ts'
import type { Mail } from './channels/kind.ts'
import type { SmtpServer } from './smtp-url.ts'
import { judgeMailError, type Verdict } from './verdict.ts'

/** For each answer of the mail server, and for all of it. */
const STEP_MS = 10_000
const WHOLE_MS = 60_000

/**
 * Hands a mail to a server, over a connection of `outgoing`. A password is not sent in the clear, unless the server is this
 * machine. Never fails.
 */
export async function sendMail(
  mail: Mail & { from: string },
  { host, port, secure, auth }: SmtpServer,
  outgoing: Outgoing,
  stopping: AbortSignal
): Promise<Verdict> {
  const { createTransport } = await import('nodemailer')
  const whole = AbortSignal.any([stopping, AbortSignal.timeout(WHOLE_MS)])
  const options: SMTPTransport.Options = {
    host,
    port,
    secure,
    ...(auth && { auth }),
    requireTLS: !secure && auth !== null && !LOOPBACK.test(host),
    disableFileAccess: true,
    disableUrlAccess: true,
    greetingTimeout: STEP_MS,
    socketTimeout: STEP_MS,
    getSocket: (_options, done) => {
      outgoing.connect(host, port, whole).then(
        connection => {
          const giveUp = () => connection.destroy(whole.reason)
          whole.addEventListener('abort', giveUp, { once: true })
          if (whole.aborted) giveUp()
          connection.once('close', () => whole.removeEventListener('abort', giveUp))
          done(null, { connection })
        },
        error => done(error, false)
      )
    }
  }
  const transport = createTransport(options)
  try {
    const { rejected, response } = await transport.sendMail({
      from: mail.from,
      to: mail.to,
      subject: mail.subject,
      text: mail.text
    })
    const detail = rejected.length > 0 ? `${response} It refused ${rejected.join(', ')}.` : response
    return { kind: 'sent', detail }
  } catch (error) {
    const { responseCode, name } = error as Error & { responseCode?: number }
    if (name === 'RefusedAddress') return { kind: 'refused', detail: (error as Error).message }
    return judgeMailError(responseCode, failureOf(error))
  } finally {
    transport.close()
  }
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/
