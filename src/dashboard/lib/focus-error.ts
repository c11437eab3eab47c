import { nextTick } from 'vue'

/** Brings whoever sent a form to the first field in it that is wrong. */
export async function focusFirstError(form: HTMLElement | null | undefined): Promise<void> {
  await nextTick()
  const field = form?.querySelector<HTMLElement>('[aria-invalid="true"]')
  field?.focus({ preventScroll: true })
  field?.scrollIntoView({ block: 'center' })
}
