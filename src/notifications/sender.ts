import { failureOf, type Outgoing } from '../outgoing/outgoing.ts'
import type { ChannelRequest, Mail } from './channels/kind.ts'
import { sendMail } from './mail.ts'
import { type MailSettings, readSmtpUrl } from './smtp-url.ts'
import { judgeAnswer, type Verdict, withoutSecrets } from './verdict.ts'

/** Sends what channels ask for, and says what came of it. */
export class Sender {
  readonly #outgoing: Outgoing
  readonly #ownMail: Outgoing
  readonly #mail: MailSettings | null

  /** `ownMail` leads to the server of `mail`, which its owner has named, wherever that is. */
  constructor(outgoing: Outgoing, ownMail: Outgoing, mail: MailSettings | null) {
    this.#outgoing = outgoing
    this.#ownMail = ownMail
    this.#mail = mail
  }

  /** Never fails. `secrets` are in no detail, whatever the other side has answered. */
  async send(request: ChannelRequest, secrets: string[], stopping: AbortSignal): Promise<Verdict> {
    const verdict = request.by === 'mail' ? await this.#mailed(request, stopping) : await this.#asked(request, stopping)
    return { ...verdict, detail: withoutSecrets(verdict.detail, secrets) }
  }

  async close(): Promise<void> {
    await this.#outgoing.close()
    await this.#ownMail.close()
  }

  async #asked(request: ChannelRequest & { by: 'http' }, stopping: AbortSignal): Promise<Verdict> {
    try {
      return judgeAnswer(await this.#outgoing.send(request, stopping), Date.now())
    } catch (error) {
      const { name } = error as Error
      const detail = failureOf(error)
      return name === 'RefusedAddress' ? { kind: 'refused', detail } : { kind: 'again', detail, afterMs: null }
    }
  }

  async #mailed(mail: Mail, stopping: AbortSignal): Promise<Verdict> {
    if (mail.smtpUrl === null) {
      const own = this.#mail
      if (!own)
        return { kind: 'refused', detail: 'This server sends no mail: SMTP_URL is not set, nor the channel’s own.' }
      return sendMail({ ...mail, from: mail.from ?? own.from }, own.server, this.#ownMail, stopping)
    }
    const server = readSmtpUrl(mail.smtpUrl)
    if ('problem' in server || mail.from === null)
      return { kind: 'refused', detail: 'The channel’s mail server or sender is not usable.' }
    return sendMail({ ...mail, from: mail.from }, server, this.#outgoing, stopping)
  }
}
