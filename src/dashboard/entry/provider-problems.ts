/**
 * Why a sign-in with a provider came to nothing, by the code with which the server sends people back to the sign-in page,
 * in words for them. Both read this list.
 */
export const providerProblems = {
  cancelled: 'The sign-in was broken off at the provider. Begin again if you want to.',
  start_again: 'This sign-in has run out, or another was begun after it. Begin again.',
  too_many: 'Too many sign-ins from here. Wait a minute.',
  provider_down:
    'The provider does not answer, or not as it should; the server log says more. Use your password, or try again later.',
  provider_refused: 'The provider’s answer does not hold. Begin again; the server log says more.',
  address_unverified:
    'The provider does not confirm that your e-mail address is yours, so nobody can be found by it. Ask your administrator.',
  no_account: 'You have no account here. Ask an administrator to invite you, with the address the provider knows.',
  account_disabled: 'Your account is disabled. Ask an administrator.',
  connect_first:
    'This account takes more than an address: sign in with your password, and connect the provider to your account.',
  other_identity:
    'Somebody else of the provider’s signs in to this account, or you to another. Ask an administrator to disconnect it.'
} as const

export type ProviderProblem = keyof typeof providerProblems

/** The words for a code that came in an address, and so from anybody. */
export function explainProviderProblem(code: unknown): string | null {
  if (typeof code !== 'string') return null
  return Object.hasOwn(providerProblems, code)
    ? providerProblems[code as ProviderProblem]
    : 'The sign-in did not work. Begin again.'
}
