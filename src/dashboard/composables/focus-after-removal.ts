import { watch } from 'vue'

/**
 * When something has gone from a list, and the button that had the focus with it, the focus goes to `place` (the heading of the
 * page, where none is named) and not to nobody: whoever works by keyboard goes on from there.
 */
export function useFocusAfterRemoval(
  items: () => readonly unknown[] | undefined,
  place: () => HTMLElement | null = () => document.querySelector('h1')
): void {
  const give = () => {
    const element = place()
    if (!element || document.activeElement !== document.body) return
    element.tabIndex = -1
    element.focus({ preventScroll: true })
  }
  watch(
    () => items()?.length,
    (now = 0, before = 0) => {
      // A question that goes with its row gives the focus back a task later, to a button that is gone.
      if (now < before) setTimeout(() => setTimeout(give))
    },
    { flush: 'post' }
  )
}
