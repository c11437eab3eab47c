import { nextTick, useTemplateRef } from 'vue'

/**
 * Where the focus goes in rows as they come and go: to what `selector` finds, once in each row of what the template calls `list`,
 * or to its `opener`, which adds rows, where none is left. Answers the function that brings it to the row at an index, or to the
 * last one before it.
 */
export function useRowFocus(selector: string): (index: number) => Promise<void> {
  const list = useTemplateRef<HTMLElement>('list')
  const opener = useTemplateRef<HTMLElement>('opener')

  return async index => {
    await nextTick()
    const found = list.value?.querySelectorAll<HTMLElement>(selector) ?? []
    const target = found[Math.min(index, found.length - 1)] ?? opener.value
    target?.focus()
  }
}
