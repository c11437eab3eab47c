/** Longer than what anybody asks back. */
const MAX_CHARACTERS = 500

/** What a sender that tries an address wants to have back (Slack's `url_verification`); null when it is something else. */
export function challengeIn(payload: unknown): string | null {
  if (typeof payload !== 'object' || payload === null) return null
  const { type, challenge } = payload as { type?: unknown; challenge?: unknown }
  if (type !== 'url_verification' || typeof challenge !== 'string') return null
  return challenge.length <= MAX_CHARACTERS ? challenge : null
}
