import { isAny } from './compare.ts'
import { keyIn } from './key.ts'
import { type Kind, refused } from './kind.ts'
import { lengthProblem } from './secret-length.ts'

const TOKEN = 'x-gitlab-token'

/** GitLab: the secret itself is a header. Nothing says that the body is as it was sent, so it takes https. */
export const gitlab: Kind = {
  secretProblem: lengthProblem,

  verify({ headers }, secrets) {
    const token = headers[TOKEN]
    if (token === undefined) {
      return refused(
        'The header X-Gitlab-Token is missing. Put the secret of this trigger in as secret token at GitLab.'
      )
    }
    if (!isAny([token], secrets)) return refused('The header X-Gitlab-Token is not a secret of this trigger.')
    // Events that follow from one another share an X-Gitlab-Event-UUID, so the other counts where both are there.
    return { ok: true, key: keyIn(headers, ['idempotency-key', 'x-gitlab-event-uuid']) }
  },

  secretHeaders: () => [TOKEN]
}
