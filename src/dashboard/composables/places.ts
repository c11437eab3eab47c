import { Bell, Bot, CalendarDays, FileClock, History, KeyRound, Server, Ticket, Users } from '@lucide/vue'
import { computed } from 'vue'
import { addresses } from '../addresses'
import { session } from './session'

const everybody = () => true

/**
 * What every page leads to. Where the screen is narrow, those that one rarely goes to (`rare`) stand in the menu of the
 * account instead.
 */
const places = [
  { to: addresses.home, word: 'Bots', icon: Bot, below: '/bots', may: everybody, rare: false },
  { to: addresses.executions, word: 'History', icon: History, below: '/executions', may: everybody, rare: false },
  { to: addresses.schedule, word: 'Schedule', icon: CalendarDays, below: '/schedule', may: everybody, rare: false },
  { to: addresses.secrets, word: 'Secrets', icon: KeyRound, below: '/secrets', may: session.mayOperate, rare: true },
  { to: addresses.tokens, word: 'Tokens', icon: Ticket, below: '/tokens', may: everybody, rare: true },
  {
    to: addresses.notifications,
    word: 'Notifications',
    icon: Bell,
    below: '/notifications',
    may: session.mayOperate,
    rare: true
  },
  { to: addresses.machine, word: 'Machine', icon: Server, below: '/machine', may: everybody, rare: true },
  { to: addresses.people, word: 'People', icon: Users, below: '/people', may: session.mayAdminister, rare: true },
  { to: addresses.audit, word: 'Audit log', icon: FileClock, below: '/audit', may: session.mayAdminister, rare: true }
]

/** Those that who is signed in may go to. */
export const usePlaces = () => computed(() => places.filter(place => place.may()))
