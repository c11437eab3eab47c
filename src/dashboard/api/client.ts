import createClient from 'openapi-fetch'
import { ApiProblem, unreachable } from './problem'
import { refresh } from './refresh'
import type { paths } from './types'

/**
 * The API, typed by its own description. The access token lives in a cookie this page cannot read; when it has run out,
 * the session's other cookie fetches a new one and the request is made again.
 */
export const api = createClient<paths>({
  fetch: async (request: Request) => {
    const again = request.clone()
    const response = await reach(request)
    if (response.status !== 401 || WITHOUT_SESSION.test(request.url)) return response
    return (await refresh()) ? reach(again) : response
  }
})

/** Where a 401 is no session's. */
const WITHOUT_SESSION = /\/api\/auth\/(setup|login|refresh|logout|link)/

async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error
    throw unreachable()
  }
}

type Answer<T> = { data?: T; error?: unknown; response: Response }

/** What the API answered. @throws ApiProblem when that was a problem, or nothing. */
export async function answerOf<T>(request: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await request
  if (response.ok) return data as T
  throw new ApiProblem(typeof error === 'object' && error !== null ? error : {}, response.status)
}
