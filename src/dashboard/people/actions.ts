import { KeyRound, ListX, LogIn, Pencil, Power, ShieldOff, Trash2 } from '@lucide/vue'
import type { Person } from '../api/types'

export type PersonAction = 'change' | 'link' | 'sessions' | 'second-factor' | 'disable' | 'enable' | 'delete'

/** Whether nobody else is left who can sign in and may do everything. */
export function isLastAdmin(person: Person, people: Person[]): boolean {
  const canAdminister = ({ role, disabledAt, hasPassword, signedInAt }: Person) =>
    role === 'admin' && disabledAt === null && (hasPassword || signedInAt !== null)
  return canAdminister(person) && people.filter(canAdminister).length === 1
}

/** What can be done about somebody, as he stands. `isLast`: he is the last administrator. */
export function actionsFor({ hasPassword, disabledAt, twoFactor }: Person, isLast: boolean) {
  const isOut = disabledAt !== null
  return [
    { key: 'change', word: isLast ? 'Change address…' : 'Change address or role…', icon: Pencil, when: true },
    { key: 'link', word: hasPassword ? 'Link for a new password…' : 'New invitation…', icon: KeyRound, when: !isOut },
    { key: 'sessions', word: 'Sessions…', icon: ListX, when: !isOut },
    { key: 'second-factor', word: 'Remove second factor…', icon: ShieldOff, when: twoFactor },
    { key: 'enable', word: 'Enable…', icon: LogIn, when: isOut },
    { key: 'disable', word: 'Disable…', icon: Power, when: !isOut && !isLast },
    { key: 'delete', word: 'Delete…', icon: Trash2, when: !isLast, grave: true }
  ].filter(({ when }) => when) as { key: PersonAction; word: string; icon: typeof Pencil; grave?: boolean }[]
}
