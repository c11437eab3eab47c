import type { Role } from '../api/types.ts'

/** How each role is called, and what it may do; each may what those before it may. */
export const roles: Record<Role, { word: string; may: string }> = {
  viewer: { word: 'Viewer', may: 'Sees bots, executions and their logs, and changes nothing.' },
  operator: { word: 'Operator', may: 'Also makes, changes and runs bots: any command on this machine.' },
  admin: { word: 'Administrator', may: 'Also people, secrets, the audit log and the machine.' }
}
