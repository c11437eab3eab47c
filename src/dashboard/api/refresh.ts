let underway: Promise<boolean> | null = null

/** Fetches a new access token by the session's cookie. False when the session is over. One request at a time. */
export function refresh(): Promise<boolean> {
  underway ??= fetch('/api/auth/refresh', { method: 'POST' })
    .then(response => response.ok)
    .finally(() => {
      underway = null
    })
  return underway
}
