import { onScopeDispose, type Ref, ref } from 'vue'

/** Whether the screen is so narrow that the navigation stands on top: below `md` of the styles. */
export function useNarrow(): Readonly<Ref<boolean>> {
  const wide = matchMedia('(min-width: 48rem)')
  const narrow = ref(!wide.matches)
  const look = () => {
    narrow.value = !wide.matches
  }
  wide.addEventListener('change', look)
  onScopeDispose(() => wide.removeEventListener('change', look))
  return narrow
}
