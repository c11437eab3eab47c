import { newId } from '../../src/ids.ts'
import { hashPassword } from '../../src/users/passwords.ts'
import type { Role } from '../../src/users/user.ts'
import type { TestApp } from './app.ts'
import { ADMIN, Client } from './client.ts'
import { withDatabase } from './database.ts'

/** A client signed in as a new user of a role; written to the database, as an administrator is the only user the API makes. */
export async function signedInAs(app: TestApp, role: Role): Promise<Client> {
  const email = `${role}@example.com`
  const hash = await hashPassword(ADMIN.password)
  withDatabase(app.config.dataDir, db =>
    db
      .prepare('INSERT INTO users (id, email, password_hash, role, created_at) VALUES (?, ?, ?, ?, ?)')
      .run(newId(), email, hash, role, Date.now())
  )
  const client = new Client(app.url)
  const answer = await client.post('/api/auth/login', { email, password: ADMIN.password })
  client.token = answer.body.accessToken
  return client
}

/** The cookies an answer sets, by name, each with its attributes in lower case. */
export function cookiesOf(headers: Headers): Record<string, { value: string; attributes: string[] }> {
  return Object.fromEntries(
    headers.getSetCookie().map(line => {
      const [pair, ...attributes] = line.split('; ')
      const [name, ...value] = pair!.split('=')
      return [name, { value: value.join('='), attributes: attributes.map(text => text.toLowerCase()).sort() }]
    })
  )
}
