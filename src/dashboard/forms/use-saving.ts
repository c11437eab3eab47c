import { computed, ref, shallowRef, watch } from 'vue'
import type { FieldError } from '../../lib/errors.ts'
import { errorsIn } from '../api/problem'
import { valueAt } from './draft'
import { same } from './json-schema'

/** What there is to know of a form that is saved. Paths are JSON pointers into what it sends. */
interface Form<Sent extends object, Saved> {
  /** What is typed; reactive. */
  draft: object
  /** What it stands for, as it is sent. */
  current: () => Sent
  /** What is wrong with it that needs no server to be seen; all of it once somebody has `tried` to save it. */
  problems?: (tried: boolean) => FieldError[]
  send: (sent: Sent) => Promise<Saved>
  /** What the server found wrong, field by field, where it does not say so itself. */
  errorsOf?: (error: unknown) => FieldError[]
}

/** Saves what a form holds, and knows what is wrong with each of its fields. */
export function useSaving<Sent extends object, Saved>(form: Form<Sent, Saved>) {
  const { draft, problems = () => [], send, errorsOf = errorsIn } = form
  const original = ref(JSON.stringify(draft))
  const saving = ref(false)
  const saved = ref(false)
  const tried = ref(false)
  /** Why it was not saved, when it was not. */
  const problem = shallowRef<unknown>(null)
  /** What the server said of something it was sent. */
  const refusal = shallowRef<{ errors: FieldError[]; sent: Sent } | null>(null)

  // It was said of what is being changed now.
  watch(draft, () => {
    problem.value = null
  })

  const current = computed(form.current)
  const found = computed(() => problems(tried.value))
  const dirty = computed(() => !saved.value && JSON.stringify(draft) !== original.value)
  const refused = computed(() => refusal.value?.errors ?? [])
  /** What the server said holds for as long as what it said it of stands as it was. */
  const holding = computed(() => {
    const sent = refusal.value?.sent
    return refused.value.filter(({ path }) => same(valueAt(sent, path), valueAt(current.value, path)))
  })

  /** The message for the field at a path, or for anything inside of it. */
  function errorAt(path: string): string | undefined {
    const belongs = (error: FieldError) => error.path === path || error.path.startsWith(`${path}/`)
    return (found.value.find(belongs) ?? holding.value.find(belongs))?.message
  }

  /** Takes over what the server has against something it was sent. */
  function refuse(errors: FieldError[], sent: Sent): void {
    refusal.value = { errors, sent }
  }

  /** Null when it was refused; its fields say why. */
  async function save(): Promise<Saved | null> {
    if (saving.value) return null
    tried.value = true
    problem.value = null
    refusal.value = null
    if (found.value.length > 0) {
      problem.value = new Error('It cannot be saved yet: see the fields marked above.')
      return null
    }
    const sent = current.value
    saving.value = true
    try {
      const answer = await send(sent)
      saved.value = true
      return answer
    } catch (error) {
      problem.value = error
      refuse(errorsOf(error), sent)
      return null
    } finally {
      saving.value = false
    }
  }

  /** What is in the draft now is as good as saved: another has put it there. */
  function begin(): void {
    original.value = JSON.stringify(draft)
    problem.value = null
    refusal.value = null
  }

  return { current, problems: found, dirty, saving, saved, problem, refused, errorAt, refuse, save, begin }
}
