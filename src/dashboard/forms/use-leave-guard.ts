import { onScopeDispose } from 'vue'
import { onBeforeRouteLeave, onBeforeRouteUpdate } from 'vue-router'

/** Asks before a page is left on which something is not saved. */
export function useLeaveGuard(dirty: () => boolean): void {
  const mayLeave = () => !dirty() || window.confirm('Leave without saving? What you changed here will be lost.')
  onBeforeRouteLeave(mayLeave)
  onBeforeRouteUpdate(mayLeave)

  const beforeUnload = (event: BeforeUnloadEvent) => {
    if (dirty()) event.preventDefault()
  }
  addEventListener('beforeunload', beforeUnload)
  onScopeDispose(() => removeEventListener('beforeunload', beforeUnload))
}
