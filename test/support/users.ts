import { TOTP } from 'otpauth'
import type { Role } from '../../src/users/user.ts'
import { ADMIN, Client } from './client.ts'

/** Makes a user of a role, who has the password of {@link ADMIN}. `admin` is signed in as an administrator. */
export async function makeUser(admin: Client, role: Role, email = `${role}@example.com`): Promise<{ id: string }> {
  const { body } = await admin.post('/admin/users', { email, role })
  const { status } = await new Client(admin.url).post('/api/auth/link/password', {
    token: body.link.token,
    password: ADMIN.password
  })
  if (status !== 204) throw new Error(`the link was answered ${status}`)
  return body.user
}

/** A client signed in as a new user of a role. */
export async function signedInAs(admin: Client, role: Role, email = `${role}@example.com`): Promise<Client> {
  await makeUser(admin, role, email)
  const client = new Client(admin.url)
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

/** A second factor for who is signed in with `client`, as an authenticator app would hold it. */
export async function addSecondFactor(client: Client): Promise<{ totp: TOTP; recoveryCodes: string[] }> {
  const { body } = await client.post('/api/auth/second-factor', { password: ADMIN.password })
  const totp = new TOTP({ secret: body.key })
  const { status, body: answer } = await client.post('/api/auth/second-factor/confirm', { code: totp.generate() })
  if (status !== 200) throw new Error(`the code was answered ${status}`)
  return { totp, recoveryCodes: answer.recoveryCodes }
}
