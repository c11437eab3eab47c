import { KeyRound, ListX, LogIn, Pencil, Power, ShieldOff, Trash2 } from '@lucide/vue'
import type { Person } from '../api/types'

export type PersonAction = 'change' | 'link' | 'sessions' | 'second-factor' | 'disable' | 'enable' | 'delete'

/** What can be done about somebody, as he stands. */
export function actionsFor({ hasPassword, disabledAt, twoFactor }: Person) {
  const isOut = disabledAt !== null
  return [
    { key: 'change', word: 'Change address or role…', icon: Pencil, when: true },
    { key: 'link', word: hasPassword ? 'Link for a new password…' : 'New invitation…', icon: KeyRound, when: !isOut },
    { key: 'sessions', word: 'Sessions…', icon: ListX, when: !isOut },
    { key: 'second-factor', word: 'Remove second factor…', icon: ShieldOff, when: twoFactor },
    { key: 'enable', word: 'Enable…', icon: LogIn, when: isOut },
    { key: 'disable', word: 'Disable…', icon: Power, when: !isOut },
    { key: 'delete', word: 'Delete…', icon: Trash2, when: true, grave: true }
  ].filter(({ when }) => when) as { key: PersonAction; word: string; icon: typeof Pencil; grave?: boolean }[]
}
