import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const SOURCE = join(ROOT, 'src/dashboard')
const BUILT = join(ROOT, 'public/index.html')

/** A test of an old build proves nothing. @throws when public/ is older than what it is built of. */
export function requireBuild(): void {
  const newest = Math.max(
    ...readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).map(name => statSync(join(SOURCE, name)).mtimeMs)
  )
  if (existsSync(BUILT) && statSync(BUILT).mtimeMs >= newest) return
  throw new Error('public/ is not built, or older than src/dashboard: npm run build')
}
