import { Type } from 'typebox'
import { titleOf } from '../message.ts'
import { Address, addressProblems } from './address.ts'
import { channelKind } from './kind.ts'

/**
 * A dead man's switch: somebody who raises the alarm when he has not heard of a bot for too long, such as Healthchecks
 * (https://healthchecks.io/docs/http_api/). A success asks for the address itself, and so does a test; anything else asks for
 * `/fail` behind it.
 */
export const ping = channelKind({
  settings: Type.Object({ url: Address('What is to be asked for after a success.') }, { additionalProperties: false }),
  secrets: ['url'],
  leadsTo: [],
  problems: addressProblems,
  request(message, settings) {
    const url = new URL(settings.url)
    const isAlive = message.tone === 'good' || message.event === 'test'
    if (!isAlive) url.pathname = `${url.pathname.replace(/\/+$/, '')}/fail`
    return {
      by: 'http',
      method: 'POST',
      url: url.href,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: titleOf(message)
    }
  }
})
