import { ref } from 'vue'
import { ApiProblem } from '../api/problem'
import { session } from '../composables/session'

/**
 * Signing in with a password and, once the server has asked for it, a code of the second factor. What was typed stays until
 * `entered` leads away.
 */
export function useSignIn(entered: () => Promise<unknown>) {
  const email = ref('')
  const password = ref('')
  const code = ref('')
  const asksForCode = ref(false)
  const busy = ref(false)
  const problem = ref<unknown>(null)

  async function signIn(): Promise<void> {
    busy.value = true
    problem.value = null
    try {
      await session.signIn({
        email: email.value,
        password: password.value,
        // Apps show codes in two groups.
        ...(asksForCode.value && { code: code.value.replace(/\s/g, '') })
      })
      await entered()
    } catch (error) {
      if (error instanceof ApiProblem && error.code === 'second_factor_required') asksForCode.value = true
      else problem.value = error
    } finally {
      busy.value = false
    }
  }

  /** Back to the address and the password. */
  function back(): void {
    asksForCode.value = false
    code.value = ''
    problem.value = null
  }

  return { email, password, code, asksForCode, busy, problem, signIn, back }
}

export type SignIn = ReturnType<typeof useSignIn>
