import { onScopeDispose } from 'vue'
import { onBeforeRouteLeave, onBeforeRouteUpdate } from 'vue-router'

/** Those of the page that is open, each telling whether something on it is not saved. */
const guards = new Set<() => boolean>()

/** Whether it was agreed that it may be lost, for as long as it takes to leave: on the way one may be sent elsewhere. */
let letGo = false

/** Whether the page that is open has something that is not saved. */
export const holdsWork = (): boolean => !letGo && [...guards].some(isDirty => isDirty())

function mayLeave(): boolean {
  if (!holdsWork()) return true
  letGo = window.confirm('Leave without saving? What you changed here will be lost.')
  return letGo
}

/** Does what leads away from the page, once that may be left. */
export async function leave(way: () => Promise<void>): Promise<void> {
  if (!mayLeave()) return
  try {
    await way()
  } finally {
    letGo = false
  }
}

/** The way from one page to another has come to its end, wherever that is. */
export function hasMoved(): void {
  letGo = false
}

/** Asks before a page is left on which something is not saved. */
export function useLeaveGuard(isDirty: () => boolean): void {
  guards.add(isDirty)
  onBeforeRouteLeave(mayLeave)
  onBeforeRouteUpdate(mayLeave)

  const beforeUnload = (event: BeforeUnloadEvent) => {
    if (holdsWork()) event.preventDefault()
  }
  addEventListener('beforeunload', beforeUnload)
  onScopeDispose(() => {
    guards.delete(isDirty)
    removeEventListener('beforeunload', beforeUnload)
  })
}
