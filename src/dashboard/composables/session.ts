import { ref } from 'vue'
import { answerOf, api } from '../api/client'
import { ApiProblem } from '../api/problem'
import { refresh } from '../api/refresh'
import type { User } from '../api/types'
import { live } from '../live/live'

const RETRY_MS = 2000

/** Who is signed in; null when nobody, undefined before it is known. */
const user = ref<User | null>()

/** Whether it has ended at the server while a page held what is not saved: `user` is who was signed in then. */
const over = ref(false)

/** Whether it ended without anybody's sign-out here. */
const endedItself = ref(false)

let signingOut = false

/** True while the server does not say who is signed in, because it does not answer. */
const waiting = ref(false)

async function load(): Promise<User | null> {
  while (user.value === undefined) {
    try {
      user.value = await whoAmI()
    } catch {
      waiting.value = true
      await new Promise(resolve => setTimeout(resolve, RETRY_MS))
    }
  }
  waiting.value = false
  if (user.value) live.start()
  return user.value
}

async function whoAmI(): Promise<User | null> {
  try {
    return await answerOf(api.GET('/api/auth/me'))
  } catch (error) {
    if (!(error instanceof ApiProblem && error.status === 401)) throw error
  }
  // The access token has run out while nobody was here; the session may still go on.
  return refresh()
}

function entered(now: User): void {
  user.value = now
  endedItself.value = false
  live.start()
  live.retry()
}

/** `code`: of the second factor, where the account has one. @throws ApiProblem, `second_factor_required` for one without */
async function signIn(credentials: { email: string; password: string; code?: string }): Promise<void> {
  entered((await answerOf(api.POST('/api/auth/login', { body: credentials }))).user)
}

async function setUp(details: { setupToken: string; email: string; password: string; bundledBots: boolean }) {
  entered((await answerOf(api.POST('/api/auth/setup', { body: details }))).user)
}

async function signOut(): Promise<void> {
  signingOut = true
  try {
    await answerOf(api.POST('/api/auth/logout', { body: {} }))
    user.value = null
    over.value = false
  } finally {
    signingOut = false
  }
}

/** Somebody may have changed what this account may do. What cannot be told now stays as it was. */
async function reread(): Promise<void> {
  const now = await answerOf(api.GET('/api/auth/me')).catch(() => null)
  if (now && user.value) user.value = now
}

/** The session has ended on the server's side. False when that is no news: somebody signs out here, or nobody was signed in. */
function ended(): boolean {
  if (signingOut || !user.value) return false
  user.value = null
  endedItself.value = true
  return true
}

/** Somebody goes on from the page that was left to him when the session ended. He may have signed in elsewhere meanwhile. */
async function askAnew(): Promise<void> {
  over.value = false
  user.value = undefined
  if (await load()) live.retry()
  else endedItself.value = true
}

/** May start, change and stop bots; a viewer may not. */
const mayOperate = () => user.value?.role === 'admin' || user.value?.role === 'operator'

/** May also change what is everybody's, such as secrets. */
const mayAdminister = () => user.value?.role === 'admin'

export const session = {
  user,
  over,
  endedItself,
  waiting,
  load,
  signIn,
  setUp,
  signOut,
  reread,
  ended,
  askAnew,
  mayOperate,
  mayAdminister
}
