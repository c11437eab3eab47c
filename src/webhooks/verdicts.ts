/**
 * What became of a delivery. A delivery that was believed (`verified`) is first written down as `received` and then settled:
 *
 *   received           It is being looked at, or a server died at that. The next start settles it, or the sender's repeat.
 *   started            It started the bot.
 *   skipped            It would have, but another execution had not ended, and the bot's policy is `skip`.
 *   filtered           The filters leave it out.
 *   ping, challenge    The sender only tried whether we are there.
 *   disabled           The trigger is switched off.
 *   automation_off     All automation is switched off.
 *   bot_disabled, invalid_parameters, queue_full
 *                      The bot could not be started.
 *   unreadable         The body is not what its Content-Type says, or more than is taken of JSON.
 *   too_slow           The filters or the mapping took too long with it.
 *   repeated           The sender had sent it before, under the same key.
 *
 * And of what was not believed, which never starts anything:
 *
 *   invalid_signature  Missing, wrong, or of another secret.
 *   stale              Signed rightly, but at another time.
 *   too_large          Not even read.
 */
export const VERDICTS = [
  'received',
  'started',
  'skipped',
  'filtered',
  'ping',
  'challenge',
  'disabled',
  'automation_off',
  'bot_disabled',
  'invalid_parameters',
  'queue_full',
  'unreadable',
  'too_slow',
  'repeated',
  'invalid_signature',
  'stale',
  'too_large'
] as const
export type Verdict = (typeof VERDICTS)[number]
