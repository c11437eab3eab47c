import { ApiProblem, unreachable } from './problem'
import type { User } from './types'

let underway: Promise<User | null> | null = null

/**
 * Fetches a new access token by the session's cookie. Null when the session is over. One request at a time.
 * @throws ApiProblem when that cannot be told now.
 */
export function refresh(): Promise<User | null> {
  underway ??= request().finally(() => {
    underway = null
  })
  return underway
}

async function request(): Promise<User | null> {
  const response = await fetch('/api/auth/refresh', { method: 'POST' }).catch(() => {
    throw unreachable()
  })
  if (response.status === 401) return null
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw new ApiProblem(answer, response.status)
  return answer.user
}
