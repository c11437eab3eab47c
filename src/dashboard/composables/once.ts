import { type Ref, ref, watchEffect } from 'vue'

/** True from when something holds for the first time, whether it goes on holding or not. */
export function useOnce(holds: () => boolean): Readonly<Ref<boolean>> {
  const held = ref(false)
  watchEffect(() => {
    if (holds()) held.value = true
  })
  return held
}
