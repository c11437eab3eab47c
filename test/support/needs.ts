import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Options of a test that runs these programs: it is skipped by name where one is missing, and fails for it when `CI=true`. */
export function needsCommands(...names: string[]): { skip: string | false } {
  const folders = (process.env.PATH ?? '').split(':')
  const missing = names.filter(name => !folders.some(folder => existsSync(join(folder, name))))
  return { skip: missing.length === 0 || process.env.CI === 'true' ? false : `not installed: ${missing.join(', ')}` }
}
