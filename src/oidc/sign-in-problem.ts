import type { ProviderProblem } from '../dashboard/entry/provider-problems.ts'

/** Why a sign-in with the provider comes to nothing. Whoever tried is sent to the sign-in page, which has the words. */
export class SignInProblem extends Error {
  override readonly name = 'SignInProblem'
  readonly code: ProviderProblem

  constructor(code: ProviderProblem, options: { cause?: unknown } = {}) {
    super(code, options)
    this.code = code
  }
}
