import type { ClientAuth, Configuration } from 'openid-client'
import type { Logger } from 'pino'
import type { ProviderIdentity } from './admission.ts'
import type { Flow } from './flow.ts'
import type { ProviderSettings } from './settings.ts'
import { SignInProblem } from './sign-in-problem.ts'

/** For each request to the provider: somebody waits for it. */
const TIMEOUT_SECONDS = 10

/** By how much its clock and ours may differ. */
const CLOCK_TOLERANCE_SECONDS = 30

/** What the provider says of itself is asked for anew after this long. */
const DISCOVERY_MS = 3_600_000

/** Where the provider sends people back to. */
export const CALLBACK_PATH = '/api/auth/oidc/callback'

/** Loaded by the first who uses it. */
const openid = () => import('openid-client')

/** What a sign-in that comes back is checked against. */
export type Proof = Pick<Flow, 'state' | 'nonce' | 'verifier'>

/**
 * An OpenID Connect provider: the authorization code flow with PKCE. Nobody is asked but the issuer of the settings and
 * the addresses it names in its own description, and no redirect of theirs is followed.
 */
export class Provider {
  readonly #settings: ProviderSettings
  readonly #redirectUri: string
  readonly #logger: Logger
  #discovered: { at: number; configuration: Promise<Configuration> } | null = null

  constructor(settings: ProviderSettings, publicUrl: string, logger: Logger) {
    this.#settings = settings
    this.#redirectUri = publicUrl + CALLBACK_PATH
    this.#logger = logger
  }

  /** Where to send somebody who wants to sign in. @throws SignInProblem `provider_down` */
  async begin(): Promise<{ url: string; proof: Proof }> {
    const client = await openid()
    const configuration = await this.#configuration()
    const proof = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier()
    }
    const { href } = client.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#redirectUri,
      scope: 'openid email',
      state: proof.state,
      nonce: proof.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(proof.verifier),
      code_challenge_method: 'S256'
    })
    return { url: href, proof }
  }

  /**
   * Who has signed in, by what the provider sent him back with.
   * @throws SignInProblem `cancelled`, `start_again`, `provider_down`, `provider_refused`
   */
  async finish(answer: URLSearchParams, proof: Proof): Promise<ProviderIdentity> {
    // Another sign-in's, or made up: that is for the provider not even to hear of.
    if (answer.get('state') !== proof.state) throw new SignInProblem('start_again')
    const client = await openid()
    const configuration = await this.#configuration()
    try {
      const tokens = await client.authorizationCodeGrant(configuration, new URL(`${this.#redirectUri}?${answer}`), {
        expectedState: proof.state,
        expectedNonce: proof.nonce,
        pkceCodeVerifier: proof.verifier,
        idTokenExpected: true
      })
      const token = tokens.claims()!
      // Some put what they know of the address into the token, others keep it where one has to ask.
      const claims =
        'email' in token || !configuration.serverMetadata().userinfo_endpoint
          ? token
          : await client.fetchUserInfo(configuration, tokens.access_token, token.sub)
      return { issuer: token.iss, subject: token.sub, claims }
    } catch (error) {
      const code = problemOf(error)
      if (code !== 'cancelled') this.#logger.warn({ code, ...detailsOf(error) }, 'a sign-in with the provider failed')
      throw new SignInProblem(code, { cause: error })
    }
  }

  /** What the provider says of itself, asked for when somebody needs it. */
  async #configuration(): Promise<Configuration> {
    if (!this.#discovered || this.#discovered.at + DISCOVERY_MS < Date.now())
      this.#discovered = { at: Date.now(), configuration: this.#discover() }
    const discovered = this.#discovered
    try {
      return await discovered.configuration
    } catch (error) {
      // The next who comes asks again.
      if (this.#discovered === discovered) this.#discovered = null
      throw error
    }
  }

  async #discover(): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.#settings
    const client = await openid()
    const execute = [client.enableNonRepudiationChecks]
    if (issuer.startsWith('http:')) execute.push(client.allowInsecureRequests)
    try {
      const configuration = await client.discovery(
        new URL(issuer),
        clientId,
        { [client.clockTolerance]: CLOCK_TOLERANCE_SECONDS },
        clientSecret === null ? client.None() : withSecret(client, clientSecret),
        { execute, timeout: TIMEOUT_SECONDS }
      )
      // For Microsoft's the library takes others as well.
      const named = configuration.serverMetadata().issuer
      if (new URL(named).href !== new URL(issuer).href)
        throw new Error(`it names itself ${named}: is that what OIDC_ISSUER should be?`)
      return configuration
    } catch (error) {
      this.#logger.warn({ issuer, ...detailsOf(error) }, 'the provider people sign in with cannot be used')
      throw new SignInProblem('provider_down', { cause: error })
    }
  }
}

/** In the header, as all must understand that (RFC 6749, section 2.3.1), unless it says that it does not. */
function withSecret(client: Awaited<ReturnType<typeof openid>>, secret: string): ClientAuth {
  const basic = client.ClientSecretBasic(secret)
  const post = client.ClientSecretPost(secret)
  return (server, ...rest) => {
    const known = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    return (known.includes('client_secret_basic') ? basic : post)(server, ...rest)
  }
}

/** How fetch says that it got no answer, and the library that there was none in time, or none it can read. */
const DOWN = ['OAUTH_TIMEOUT', 'OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON', 'OAUTH_PARSE_ERROR']

function problemOf(error: unknown): SignInProblem['code'] {
  const { code, error: said, name, message } = error as Error & { code?: string; error?: string }
  if (said === 'access_denied') return 'cancelled'
  // The code has run out, or has been used.
  if (said === 'invalid_grant') return 'start_again'
  if (DOWN.includes(code ?? '') || (name === 'TypeError' && message === 'fetch failed')) return 'provider_down'
  return 'provider_refused'
}

/** For the log: what went wrong, without the tokens that such errors carry. */
function detailsOf(error: unknown): Record<string, unknown> {
  const { message, code, error: said, error_description: why, cause } = error as ErrorResponse
  const { code: causeCode, message: causeMessage, claim } = (cause ?? {}) as ErrorResponse
  return { message, errorCode: code, said, why, cause: causeCode ?? causeMessage, claim }
}

interface ErrorResponse extends Error {
  code?: string
  error?: string
  error_description?: string
  claim?: string
}
