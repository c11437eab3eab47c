/**
 * `npm run new-link -- EMAIL [--remove-second-factor]`: a link by which somebody chooses a new password, for when nobody is left
 * who could make one in the dashboard. Whoever may run it may read and write the data folder anyway. It is one more writer to the
 * database, as a server is: it takes no lock of the folder, and one that runs goes on.
 */
import '../config/load-env.ts'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import settings from '../../gunicorn-equivalent.config.ts'
import { SERVER } from '../audit/audit.ts'
import { readConfig } from '../config/config.ts'
import { Migrator } from '../db/migrate.ts'
import { openDatabase } from '../db/open.ts'
import { StartError } from '../lib/errors.ts'
import { localAddress } from '../lib/public-address.ts'
import { linkAt, newLink } from '../users/password-link.ts'
import { subjectOf } from '../users/people.ts'
import { SecondFactorStore } from '../users/second-factor-store.ts'
import { UserStore } from '../users/store.ts'
import { normalEmail, type User } from '../users/user.ts'

function readArguments(): { email: string; removeSecondFactor: boolean } {
  const usage = 'Usage: npm run new-link -- EMAIL [--remove-second-factor]'
  const flag = { type: 'boolean', default: false } as const
  try {
    const { values, positionals } = parseArgs({
      options: { 'remove-second-factor': flag },
      allowPositionals: true
    })
    if (positionals.length === 1)
      return { email: normalEmail(positionals[0]!), removeSecondFactor: values['remove-second-factor'] }
  } catch (error) {
    throw new StartError(`${(error as Error).message}\n${usage}`)
  }
  throw new StartError(usage)
}

async function findUser(users: UserStore, email: string): Promise<User> {
  const people = await users.list(Date.now())
  const user = people.find(person => person.email === email)
  if (!user) {
    const admins = people.filter(({ role }) => role === 'admin').map(person => person.email)
    throw new StartError(`Nobody has the address ${email}. Administrators: ${admins.join(', ') || 'none'}.`)
  }
  if (user.disabledAt !== null)
    throw new StartError(
      `The account ${email} is disabled. An administrator can enable it; make a link for one of them.`
    )
  return user
}

try {
  const { email, removeSecondFactor } = readArguments()
  const { dataDir, publicUrl, host, port, provider } = readConfig(process.env, settings)
  if (!existsSync(join(dataDir, 'botyard.db')))
    throw new StartError(`There is no database in ${dataDir}. Set DATA_DIR to the data folder of the server.`)
  const db = openDatabase(dataDir)
  try {
    if (!(await new Migrator(db).isUpToDate()))
      throw new StartError(`The database in ${dataDir} is of another version. Start this version of the server first.`)
    const users = new UserStore(db, provider?.issuer ?? null)
    const user = await findUser(users, email)
    const by = { actor: SERVER, subject: subjectOf(user), after: { by: 'npm run new-link' } }
    if (removeSecondFactor) await new SecondFactorStore(db).remove(user.id, { ...by, action: 'user.totp_disabled' })
    const { token, kept } = newLink(user)
    await users.setLink(kept, { ...by, action: 'user.password_reset' })
    const until = new Date(kept.expiresAt).toString()
    console.log(`A link for ${email}, for one use until ${until}:\n`)
    console.log(`  ${linkAt(publicUrl ?? localAddress(host, port), token)}\n`)
    if (user.twoFactor && !removeSecondFactor)
      console.log('Signing in takes a code of the second factor, too; --remove-second-factor takes that away.')
  } finally {
    await db.destroy()
  }
} catch (error) {
  if (!(error instanceof StartError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
