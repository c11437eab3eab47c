import { createRouter, createWebHistory } from 'vue-router'
import { addresses } from './addresses'
import { hasMoved } from './composables/leave-guard'
import { session } from './composables/session'
import BotsPage from './pages/bots-page.vue'
import NotFoundPage from './pages/not-found-page.vue'
import SignInPage from './pages/sign-in-page.vue'

declare module 'vue-router' {
  interface RouteMeta {
    title: string
    /** Shown to whoever comes; all other pages ask for a sign-in first. */
    open?: boolean
  }
}

const RELOAD_EVERY_MS = 60_000

/** How Vite, Chromium, Firefox and Safari say that a part of the dashboard could not be loaded. */
const MISSING_FILE = /dynamically imported module|importing a module script failed|unable to preload/i

/** Pages that not everybody needs at once. They are fetched a moment later, so that they are there when the server is not. */
const later = {
  setup: () => import('./pages/setup-page.vue'),
  choosePassword: () => import('./pages/choose-password-page.vue'),
  botForm: () => import('./pages/bot-form-page.vue'),
  bot: () => import('./pages/bot-page.vue'),
  triggerForm: () => import('./pages/trigger-form-page.vue'),
  trigger: () => import('./pages/trigger-page.vue'),
  history: () => import('./pages/history-page.vue'),
  execution: () => import('./pages/execution-page.vue'),
  schedule: () => import('./pages/schedule-page.vue'),
  secrets: () => import('./pages/secrets-page.vue'),
  tokens: () => import('./pages/tokens-page.vue'),
  notifications: () => import('./pages/notifications-page.vue'),
  machine: () => import('./pages/machine-page.vue'),
  people: () => import('./pages/people-page.vue'),
  audit: () => import('./pages/audit-page.vue'),
  account: () => import('./pages/account-page.vue')
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: addresses.home, component: BotsPage, meta: { title: 'Bots' } },
    { path: addresses.bots, redirect: addresses.home },
    { path: addresses.setup, component: later.setup, meta: { title: 'Welcome', open: true } },
    { path: addresses.signIn, component: SignInPage, meta: { title: 'Sign in', open: true } },
    {
      path: addresses.choosePassword,
      component: later.choosePassword,
      meta: { title: 'Choose a password', open: true }
    },
    { path: addresses.newBot, component: later.botForm, meta: { title: 'New bot' } },
    { path: addresses.editBot, component: later.botForm, props: true, meta: { title: 'Edit bot' } },
    { path: addresses.bot, component: later.bot, props: true, meta: { title: 'Bot' } },
    { path: addresses.newTrigger, component: later.triggerForm, props: true, meta: { title: 'New trigger' } },
    { path: addresses.editTrigger, component: later.triggerForm, props: true, meta: { title: 'Edit trigger' } },
    { path: addresses.trigger, component: later.trigger, props: true, meta: { title: 'Trigger' } },
    { path: addresses.executions, component: later.history, meta: { title: 'History' } },
    { path: addresses.execution, component: later.execution, props: true, meta: { title: 'Execution' } },
    { path: addresses.schedule, component: later.schedule, meta: { title: 'Schedule' } },
    { path: addresses.secrets, component: later.secrets, meta: { title: 'Secrets' } },
    { path: addresses.tokens, component: later.tokens, meta: { title: 'Tokens' } },
    { path: addresses.notifications, component: later.notifications, meta: { title: 'Notifications' } },
    { path: addresses.machine, component: later.machine, meta: { title: 'Machine' } },
    { path: addresses.people, component: later.people, meta: { title: 'People' } },
    { path: addresses.audit, component: later.audit, meta: { title: 'Audit log' } },
    { path: addresses.account, component: later.account, meta: { title: 'Account' } },
    { path: '/:rest(.*)*', component: NotFoundPage, meta: { title: 'Not found' } }
  ],
  scrollBehavior: (to, from, saved) => (to.path === from.path ? undefined : (saved ?? { top: 0 }))
})

router.beforeEach(async to => {
  if (session.over.value) await session.askAnew()
  // A sign-in that came to nothing is told there, also to who is signed in.
  if (to.path === addresses.signIn && session.user.value && !to.query.problem) return addresses.home
  if (to.meta.open) return true
  if (await session.load()) return true
  return { path: addresses.signIn, query: to.path === addresses.home ? {} : { next: to.fullPath } }
})

router.afterEach(hasMoved)
router.onError(hasMoved)

/** Fetches the pages that were left out at first, once the browser has nothing better to do. */
export function fetchLaterPages(): void {
  const idle = globalThis.requestIdleCallback ?? ((work: () => void) => setTimeout(work, 1000))
  idle(async () => {
    // One that cannot be fetched now is fetched when somebody goes there.
    for (const page of Object.values(later)) await page().catch(() => {})
  })
}

// A page that a newer version of the server has replaced comes with the newer version of the rest. Nothing is loaded anew
// while no server answers, nor again and again where something else is wrong.
router.onError((error, to) => {
  const last = Number(sessionStorage.getItem('reloaded') ?? 0)
  if (!MISSING_FILE.test(String(error)) || Date.now() - last < RELOAD_EVERY_MS) return
  fetch('/health').then(
    () => {
      sessionStorage.setItem('reloaded', String(Date.now()))
      location.assign(to.fullPath)
    },
    () => {}
  )
})
