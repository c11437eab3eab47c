import { type FunctionalComponent, h } from 'vue'
import { session } from '../composables/session'

let renewed = false

async function renewFirst(event: MouseEvent): Promise<void> {
  if (renewed || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
  event.preventDefault()
  const link = event.currentTarget as HTMLAnchorElement
  await session.reread()
  renewed = true
  link.click()
  renewed = false
}

/**
 * A link to a file of the server's. A link cannot renew an access token that has run out, as a request of the page does:
 * so the page makes one before the link is followed.
 */
export const DownloadLink: FunctionalComponent<{ href: string; download?: string; title?: string }> = (
  props,
  { slots }
) => h('a', { download: '', ...props, onClick: renewFirst }, slots.default?.())
