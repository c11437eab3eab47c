import { createHmac, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import Oidc from 'oidc-provider'
import type { Logger } from 'pino'
import type { Test } from 'tap'
import type { NewUsers } from '../../src/oidc/settings.ts'
import { buildApp, type TestApp } from './app.ts'
import type { Claims } from './tokens.ts'

export const CLIENT_ID = 'botyard-client'
export const CLIENT_SECRET = 'what the provider knows this client by'
const KEY_ID = 'the-key'

/** What a provider knows of somebody, by what it calls him. */
export type Accounts = Record<string, { email?: string; email_verified?: unknown }>

/** A real OpenID provider on 127.0.0.1, which asks for a login and believes every password. */
export class TestProvider {
  readonly issuer: string
  readonly accounts: Accounts = {}
  /** Makes another ID token out of what it would have answered with; null: none at all. */
  tamper: ((claims: Claims, sign: typeof signToken) => string | null) | null = null
  /** The Authorization of each request for tokens; it takes a secret in the header and in the body alike. */
  readonly tokenRequests: (string | undefined)[] = []
  readonly oidc: Oidc
  readonly #server: Server
  readonly #port: number

  constructor(server: Server, client: Record<string, unknown>, more: Record<string, unknown>) {
    this.#server = server
    this.#port = (server.address() as AddressInfo).port
    this.issuer = `http://127.0.0.1:${this.#port}`
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    this.oidc = new Oidc(this.issuer, {
      clients: [{ client_id: CLIENT_ID, client_secret: CLIENT_SECRET, ...client }],
      jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: KEY_ID, alg: 'RS256', use: 'sig' }] },
      cookies: { keys: ['for cookies of a test'] },
      claims: { openid: ['sub'], email: ['email', 'email_verified'] },
      findAccount: (_: unknown, id: string) => ({
        accountId: id,
        claims: () => ({ sub: id, ...this.accounts[id] })
      }),
      pkce: { required: () => true },
      ...more
    })
    this.oidc.use(async (ctx, next) => {
      if (ctx.path === '/token') this.tokenRequests.push(ctx.headers.authorization)
      await next()
      const token = ctx.path === '/token' && ctx.body?.id_token
      if (!this.tamper || typeof token !== 'string') return
      const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())
      const other = this.tamper(claims, (changed, options) => signToken(changed, { key: privateKey, ...options }))
      if (other === null) delete ctx.body.id_token
      else ctx.body.id_token = other
    })
    server.on('request', this.oidc.callback())
  }

  /** Nothing answers at its address any more. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }

  start(): Promise<void> {
    return new Promise(resolve => this.#server.listen(this.#port, '127.0.0.1', resolve))
  }
}

/** An ID token made by hand, so that it can be wrong in any way. */
export function signToken(
  claims: Claims,
  options: { key?: KeyObject | string; kid?: string; alg?: 'RS256' | 'HS256' | 'none' } = {}
): string {
  const { key, kid = KEY_ID, alg = 'RS256' } = options
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${encode({ alg, kid })}.${encode(claims)}`
  if (alg === 'none') return `${signed}.`
  const signature =
    typeof key === 'string'
      ? createHmac('sha256', key).update(signed).digest()
      : signBytes('RSA-SHA256', Buffer.from(signed), key!)
  return `${signed}.${signature.toString('base64url')}`
}

/** A server that answers nobody until it is told how. */
export async function listenLocally(t: Test): Promise<Server> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return server
}

/** An address that is there before the server behind it, as a proxy's is. By its name it is another site than 127.0.0.1. */
async function openFront(t: Test): Promise<{ url: string; leadTo: (port: number) => void }> {
  let target = 0
  const server = createTcpServer(socket => {
    const inner = connect(target, '127.0.0.1')
    for (const end of [socket, inner]) end.on('error', () => {}) // the other end sees that it is closed
    socket.pipe(inner).pipe(socket)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    leadTo: port => {
      target = port
    }
  }
}

/** An app at `site`, where people sign in with a provider. */
export async function buildAppWithProvider(
  t: Test,
  options: {
    newUsers?: NewUsers
    /** Of the client, as the provider knows it. */
    client?: Record<string, unknown>
    clientSecret?: string | null
    /** How the provider behaves. */
    behaviour?: Record<string, unknown>
    issuer?: string
    dataDir?: string
    setUp?: boolean
    publicUrl?: string
    publicDir?: string
    logger?: Logger
  } = {}
): Promise<{ app: TestApp; provider: TestProvider; site: string }> {
  const front = await openFront(t)
  const redirectUri = `${front.url}/api/auth/oidc/callback`
  const client = { redirect_uris: [redirectUri], ...options.client }
  const provider = new TestProvider(await listenLocally(t), client, options.behaviour ?? {})
  const app = await buildApp(t, {
    setUp: options.setUp ?? true,
    ...(options.dataDir && { dataDir: options.dataDir }),
    ...(options.publicDir && { publicDir: options.publicDir }),
    ...(options.logger && { logger: options.logger }),
    config: {
      publicUrl: options.publicUrl ?? front.url,
      provider: {
        issuer: options.issuer ?? provider.issuer,
        clientId: CLIENT_ID,
        clientSecret: options.clientSecret === undefined ? CLIENT_SECRET : options.clientSecret,
        name: 'Example ID',
        newUsers: options.newUsers ?? null
      }
    }
  })
  front.leadTo(Number(new URL(app.url).port))
  return { app, provider, site: front.url }
}
