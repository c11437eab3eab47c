import { useQueryClient } from '@tanstack/vue-query'
import { computed, reactive, shallowRef, watch } from 'vue'
import { slugFor } from '../../bots/bot.ts'
import { answerOf, api } from '../api/client'
import { ApiProblem, errorsIn } from '../api/problem'
import type { Bot, CreateBot } from '../api/types'
import { keys } from '../live/query-feed'
import { botOf, changes, draftOf, draftProblems, newDraft } from './draft'
import { readSchema, type Schema } from './parameter-schema'
import { useSaving } from './use-saving'

/** The state of the form for a new bot, or for `bot` as it is now. */
export function useBotForm(bot: () => Bot | undefined) {
  const queries = useQueryClient()
  const begun = bot()
  /** The bot as it was when the draft began; undefined for a new one. */
  const base = shallowRef(begun)
  const draft = reactive(begun ? draftOf(begun) : newDraft())
  const schema = shallowRef<Schema>(begun?.parameters ?? { type: 'object' })

  /** What is to be seen of parameters that cannot be read at the moment is what they were before. */
  watch(
    () => draft.parameters,
    text => {
      const read = readSchema(text)
      if ('schema' in read) schema.value = read.schema
    }
  )

  const slug = computed(() => draft.slug || (draft.name.trim() ? slugFor(draft.name) : ''))
  const form = useSaving({
    draft,
    // Without a slug, a new bot is given one that is free; a bot that is there is called as is shown here.
    current: () => ({ ...botOf(draft, schema.value), ...(base.value && { slug: slug.value }) }),
    problems: tried => draftProblems(draft, tried),
    send,
    errorsOf: error =>
      error instanceof ApiProblem && error.code === 'slug_taken'
        ? [{ path: '/slug', message: error.message }]
        : errorsIn(error)
  })
  /** Somebody else has saved the bot since. */
  const theirs = computed(() => {
    const now = bot()
    const known = base.value
    return now && known && !form.saving.value && !form.saved.value && now.updatedAt > known.updatedAt ? now : null
  })

  /** Sends what was changed. */
  async function send(sent: CreateBot): Promise<Bot> {
    const before = base.value
    const body = before ? changes(botOf(draftOf(before), before.parameters), sent) : sent
    if (before && Object.keys(body).length === 0) return before
    const bot = await (before
      ? answerOf(api.PATCH('/api/bots/{bot}', { params: { path: { bot: before.id } }, body }))
      : answerOf(api.POST('/api/bots', { body: sent })))
    for (const ref of [bot.id, bot.slug]) queries.setQueryData(keys.bot(ref), bot)
    void queries.invalidateQueries({ queryKey: ['bots', 'list'] })
    return bot
  }

  /** Gives up what was typed for the bot as somebody else saved it. */
  function loadTheirs(): void {
    const taken = theirs.value
    if (!taken) return
    base.value = taken
    Object.assign(draft, draftOf(taken))
    form.begin()
  }

  return { ...form, draft, slug, schema, theirs, loadTheirs }
}

export type BotForm = ReturnType<typeof useBotForm>
