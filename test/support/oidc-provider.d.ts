/** What the tests use of it; the package has no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  interface Context {
    path: string
    headers: IncomingMessage['headers']
    body: Record<string, unknown>
  }

  export default class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>)
    callback(): (request: IncomingMessage, response: ServerResponse) => void
    use(middleware: (ctx: Context, next: () => Promise<void>) => Promise<void>): void
    AuthorizationCode: { find(code: string): Promise<{ destroy(): Promise<void> } | undefined> }
  }
}
