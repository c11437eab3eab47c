import { Type } from 'typebox'
import { linesOf, titleOf } from '../message.ts'
import { readSmtpUrl } from '../smtp-url.ts'
import { cut } from '../text.ts'
import { channelKind } from './kind.ts'

const SUBJECT_CHARACTERS = 200

/** As a mail server takes it, without a name before it. */
const Mailbox = (description: string) => Type.String({ format: 'email', maxLength: 254, description })

/** Mail as plain text, by the server's own SMTP_URL or one of the channel's. */
export const email = channelKind({
  settings: Type.Object(
    {
      to: Type.Array(Mailbox('Who gets it.'), { minItems: 1, maxItems: 20, uniqueItems: true }),
      from: Type.Optional(Mailbox('From whom it is. Default: SMTP_FROM of the server.')),
      smtpUrl: Type.Optional(
        Type.String({
          maxLength: 2000,
          description: 'Such as `smtps://user:password@mail.example.com`. Default: SMTP_URL of the server.'
        })
      )
    },
    { additionalProperties: false }
  ),
  secrets: ['smtpUrl'],
  leadsTo: [],
  problems({ smtpUrl, from }) {
    if (smtpUrl === undefined) return []
    const read = readSmtpUrl(smtpUrl)
    if ('problem' in read) return [{ path: '/smtpUrl', message: read.problem }]
    if (from === undefined) return [{ path: '/from', message: 'is needed with a mail server of its own' }]
    return []
  },
  request(message, { to, from = null, smtpUrl = null }) {
    const text = [titleOf(message), '', ...linesOf(message), ''].join('\n')
    return { by: 'mail', smtpUrl, from, to, subject: cut(titleOf(message), SUBJECT_CHARACTERS), text }
  }
})
