import { useQueryClient } from '@tanstack/vue-query'
import { computed, reactive, ref, shallowRef, watch } from 'vue'
import { slugFor } from '../../bots/bot.ts'
import type { FieldError } from '../../errors.ts'
import { answerOf, api } from '../api/client'
import { ApiProblem } from '../api/problem'
import type { Bot, CreateBot } from '../api/types'
import { keys } from '../live/query-feed'
import { botOf, changes, draftOf, draftProblems, newDraft, valueAt } from './draft'
import { same } from './json-schema'
import { readSchema, type Schema } from './parameter-schema'

/** What the server said of a bot it was sent. */
interface Refusal {
  errors: FieldError[]
  sent: CreateBot
}

/** The state of the form for a new bot, or for `bot` as it is now. */
export function useBotForm(bot: () => Bot | undefined) {
  const queries = useQueryClient()
  const begun = bot()
  /** The bot as it was when the draft began; undefined for a new one. */
  const base = shallowRef(begun)
  const draft = reactive(begun ? draftOf(begun) : newDraft())
  const original = ref(JSON.stringify(draft))
  const schema = shallowRef<Schema>(begun?.parameters ?? { type: 'object' })
  const saving = ref(false)
  const saved = ref(false)
  const tried = ref(false)
  /** Why it was not saved, when it was not. */
  const problem = shallowRef<unknown>(null)
  const refusal = shallowRef<Refusal | null>(null)

  /** What is to be seen of parameters that cannot be read at the moment is what they were before. */
  watch(
    () => draft.parameters,
    text => {
      const read = readSchema(text)
      if ('schema' in read) schema.value = read.schema
    }
  )

  // It was said of what is being changed now.
  watch(draft, () => {
    problem.value = null
  })

  const slug = computed(() => draft.slug || (draft.name.trim() ? slugFor(draft.name) : ''))
  // Without one, a new bot is given one that is free; a bot that is there is called as is shown here.
  const current = computed(() => ({ ...botOf(draft, schema.value), ...(base.value && { slug: slug.value }) }))
  const problems = computed(() => draftProblems(draft, tried.value))
  const dirty = computed(() => !saved.value && JSON.stringify(draft) !== original.value)
  /** Somebody else has saved the bot since. */
  const theirs = computed(() => {
    const now = bot()
    const known = base.value
    return now && known && !saving.value && !saved.value && now.updatedAt > known.updatedAt ? now : null
  })

  /** What the server said holds for as long as what it said it of stands as it was. */
  const refused = computed(() => {
    const { errors = [], sent } = refusal.value ?? {}
    return errors.filter(({ path }) => same(valueAt(sent, path), valueAt(current.value, path)))
  })

  /** The message for the field at a JSON pointer, or for anything inside of it. */
  function errorAt(path: string): string | undefined {
    const belongs = (error: FieldError) => error.path === path || error.path.startsWith(`${path}/`)
    return (problems.value.find(belongs) ?? refused.value.find(belongs))?.message
  }

  /** Takes over what the server has against a bot it was sent. */
  function refuse(errors: FieldError[], sent: CreateBot): void {
    refusal.value = { errors, sent }
  }

  /** Saves what was changed. Null when it was refused; its fields say why. */
  async function save(): Promise<Bot | null> {
    if (saving.value) return null
    tried.value = true
    problem.value = null
    refusal.value = null
    if (problems.value.length > 0) {
      problem.value = new Error('It cannot be saved yet: see the fields marked above.')
      return null
    }
    const sent = current.value
    saving.value = true
    try {
      const bot = await send(sent)
      saved.value = true
      for (const ref of [bot.id, bot.slug]) queries.setQueryData(keys.bot(ref), bot)
      void queries.invalidateQueries({ queryKey: ['bots', 'list'] })
      return bot
    } catch (error) {
      problem.value = error
      refuse(errorsOf(error), sent)
      return null
    } finally {
      saving.value = false
    }
  }

  async function send(sent: CreateBot): Promise<Bot> {
    const before = base.value
    if (!before) return answerOf(api.POST('/api/bots', { body: sent }))
    const body = changes(botOf(draftOf(before), before.parameters), sent)
    if (Object.keys(body).length === 0) return before
    return answerOf(api.PATCH('/api/bots/{bot}', { params: { path: { bot: before.id } }, body }))
  }

  /** Gives up what was typed for the bot as somebody else saved it. */
  function loadTheirs(): void {
    const taken = theirs.value
    if (!taken) return
    base.value = taken
    Object.assign(draft, draftOf(taken))
    original.value = JSON.stringify(draft)
    problem.value = null
    refusal.value = null
  }

  return { draft, slug, schema, current, dirty, saving, problem, problems, theirs, errorAt, refuse, save, loadTheirs }
}

function errorsOf(error: unknown): FieldError[] {
  if (!(error instanceof ApiProblem)) return []
  return error.code === 'slug_taken' ? [{ path: '/slug', message: error.message }] : error.errors
}

export type BotForm = ReturnType<typeof useBotForm>
