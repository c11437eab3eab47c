/**
 * The dashboard's addresses. The server answers each with the page; the router shows what belongs to it.
 * Both read `:name` as a part of the address.
 */
export const addresses = {
  home: '/',
  setup: '/setup',
  signIn: '/sign-in',
  choosePassword: '/choose-password',
  account: '/account',
  bots: '/bots',
  newBot: '/bots/new',
  bot: '/bots/:bot',
  editBot: '/bots/:bot/edit',
  newTrigger: '/bots/:bot/triggers/new',
  trigger: '/triggers/:id',
  editTrigger: '/triggers/:id/edit',
  executions: '/executions',
  execution: '/executions/:id',
  schedule: '/schedule',
  secrets: '/secrets',
  tokens: '/tokens',
  notifications: '/notifications',
  machine: '/machine',
  people: '/people',
  audit: '/audit'
} as const
