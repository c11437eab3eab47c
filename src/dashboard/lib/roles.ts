import type { Role } from '../api/types.ts'

/** How each role is called, and what it may do besides what those before it may. */
export const roles: Record<Role, { word: string; may: string }> = {
  viewer: { word: 'Viewer', may: 'Sees bots, executions and their logs, and changes nothing.' },
  operator: { word: 'Operator', may: 'Makes, changes and runs bots: any command on this machine.' },
  admin: {
    word: 'Administrator',
    may: 'Does all there is to do: bots, people, secrets, the audit log and the machine.'
  }
}

/** The same of a program with a token: of people and their accounts it may do nothing. */
export const tokenRoles: typeof roles = {
  viewer: { word: 'Viewer', may: 'Reads bots, executions and their logs, and changes nothing.' },
  operator: { word: 'Operator', may: 'Makes, changes, starts and cancels bots: any command on this machine.' },
  admin: {
    word: 'Administrator',
    may: 'Puts in secrets, drains the machine and reads the audit log. Nothing about people.'
  }
}

/** And of a token that is for some bots only. */
export const fewBotsRoles: Pick<typeof roles, 'viewer' | 'operator'> = {
  viewer: { word: 'Viewer', may: 'Reads them, their executions and their logs.' },
  operator: { word: 'Operator', may: 'Starts and cancels them, and changes nothing about them.' }
}
