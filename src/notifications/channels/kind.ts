import type { Static, TObject } from 'typebox'
import type { FieldError } from '../../lib/errors.ts'
import type { OutgoingRequest } from '../../outgoing/outgoing.ts'
import type { Message } from '../message.ts'

/** A mail to be sent by `smtpUrl`, or by the server's own when that is null. */
export interface Mail {
  smtpUrl: string | null
  from: string | null
  to: string[]
  subject: string
  text: string
}

export type ChannelRequest = ({ by: 'http' } & OutgoingRequest) | ({ by: 'mail' } & Mail)

/** What is the same however often a notice is sent. */
export interface Delivery {
  /** The notice's id. */
  id: string
  /** Now, in ms. */
  now: number
}

/** A way to tell somebody something: what it has to be told, and what a message becomes. Pure. */
export interface ChannelKind<S extends TObject = TObject> {
  settings: S
  /** Which of the settings are kept sealed, and not shown again. */
  secrets: readonly string[]
  /** Which say to whom these are told; who changes one gives the secrets again. */
  leadsTo: readonly string[]
  /** What is wrong with settings that are as the schema has them; paths begin at the settings. */
  problems(settings: Static<S>): FieldError[]
  request(message: Message, settings: Static<S>, delivery: Delivery): ChannelRequest
}

/** For a kind's own file, so that it is checked there. */
export function channelKind<S extends TObject>(kind: ChannelKind<S>): ChannelKind<S> {
  return kind
}

/** JSON to an address. */
export function post(url: string, body: unknown, headers: Record<string, string> = {}): ChannelRequest {
  const text = JSON.stringify(body)
  return { by: 'http', method: 'POST', url, headers: { 'content-type': 'application/json', ...headers }, body: text }
}
