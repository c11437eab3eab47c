import type { ChannelKindName } from '../notifications.ts'
import { discord } from './discord.ts'
import { email } from './email.ts'
import type { ChannelKind } from './kind.ts'
import { ntfy } from './ntfy.ts'
import { ping } from './ping.ts'
import { slack } from './slack.ts'
import { telegram } from './telegram.ts'
import { webhook } from './webhook.ts'

/** Every kind of channel by its name. A new one is a file beside these and a line here. */
// biome-ignore lint/suspicious/noExplicitAny: what each is given has been checked by its own schema
export const kinds: Record<ChannelKindName, ChannelKind<any>> = {
  email,
  webhook,
  slack,
  discord,
  telegram,
  ntfy,
  ping
}
