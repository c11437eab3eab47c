/** No browser lays out an element of more than some 17 million px; this leaves room for zoom and fine screens. */
export const MAX_SCROLL_HEIGHT = 8e6

/** This near to an end, a scroll container's place and the list's differ by nothing but where they begin. */
const MARGIN = 100_000

/** What a wheel, a finger or a key moves between two frames is less; what a dragged scrollbar moves is more. */
const SMALL_STEP = 4000

/** Heights in px: of the whole list, and of what can be seen of it. */
export interface Extent {
  list: number
  view: number
}

/** How far the scroll container (`scroll`) and the list in it (`list`) are scrolled, in px. */
export interface Place {
  scroll: number
  list: number
}

/** The height to scroll over. */
export const scrollHeight = ({ list }: Extent): number => Math.min(list, MAX_SCROLL_HEIGHT)

/** The place in the list that belongs to one of the scroll container. */
export function toList(scroll: number, extent: Extent): number {
  return along(scroll, scrollEnd(extent), listEnd(extent))
}

/** The place of the scroll container that belongs to one in the list. */
export function toScroll(list: number, extent: Extent): number {
  return along(list, listEnd(extent), scrollEnd(extent))
}

/**
 * Where one is after the container was scrolled to `scroll`. A small step moves the list as far as the container, so that
 * the two drift from where they belong to each other; whoever calls puts the container right once it rests
 * ({@link toScroll}). A large one goes where the scrollbar points.
 */
export function scrolled(from: Place, scroll: number, extent: Extent): Place {
  const step = scroll - from.scroll
  if (Math.abs(step) > Math.max(SMALL_STEP, 2 * extent.view)) return { scroll, list: toList(scroll, extent) }
  return { scroll, list: Math.max(0, Math.min(from.list + step, listEnd(extent))) }
}

export const listEnd = ({ list, view }: Extent): number => Math.max(0, list - view)

const scrollEnd = (extent: Extent): number => Math.max(0, scrollHeight(extent) - extent.view)

/** From a scale that ends at `end` to one that ends at `otherEnd`: alike near both ends, in proportion between. */
function along(place: number, end: number, otherEnd: number): number {
  const margin = Math.min(MARGIN, end / 2, otherEnd / 2)
  if (place <= margin) return Math.max(0, place)
  if (place >= end - margin) return Math.max(0, Math.min(otherEnd, otherEnd - (end - place)))
  return margin + ((place - margin) / (end - 2 * margin)) * (otherEnd - 2 * margin)
}
