import { nextTick, onMounted, onScopeDispose, shallowRef } from 'vue'
import { Rows } from './rows'
import { listEnd, type Place, scrolled, scrollHeight, toScroll } from './scroll-map'

/** Rows drawn above and below what can be seen: browsers scroll before we hear of it. */
const OVERSCAN = 12

/** A scroll container that has not moved for this long rests. */
const REST_MS = 150

/** In a list that is longer than can be scrolled over, places shift a little with every row that comes. */
const SLACK = 1000

/** Rows of other heights than expected may bring others into view, which are measured as well. */
const MAX_ROUNDS = 4

/** Rows from `first` on, drawn `top` px below the top of a box `height` px high. */
export interface Frame<T> {
  first: number
  rows: T[]
  top: number
  height: number
  /** As wide as the widest row that was seen, so that the box does not change with the rows in it. */
  width: number
}

/**
 * A scroll region that draws only the rows in view, of as many as there are. What one reads stays where it is when rows
 * above turn out to be higher than expected: the place is remembered as a row and how much of it is scrolled past.
 */
export function useRows<T>(source: {
  /** What scrolls, and what the rows stand in. */
  region: () => HTMLElement | null
  box: () => HTMLElement | null
  count: () => number
  rows: (first: number, end: number) => T[]
  /** Called with the first and the last row in view. */
  shown: (first: number, last: number) => void
  wrapped: () => boolean
  /** The number of rows whose end is to stay in view as they become more; null to stay at the same row. */
  followed: () => number | null
  /** The reader scrolled by so much; `atEnd` when there is nothing below. */
  moved: (by: number, atEnd: boolean) => void
}) {
  const frame = shallowRef<Frame<T>>({ first: 0, rows: [], top: 0, height: 0, width: 0 })
  const rows = new Rows(20)
  /** `into` is null for a row that is to stand in the middle. */
  let anchor: { row: number; into: number | null } = { row: 0, into: 0 }
  let place: Place = { scroll: 0, list: 0 }
  /** Where the container is to be put once the frame is in the document. */
  let seat: number | null = null
  let view = 0
  let width = 0
  let widest = 0
  let resting: ReturnType<typeof setTimeout> | undefined

  const extent = () => ({ list: rows.total, view })

  function draw(rounds = MAX_ROUNDS) {
    if (view === 0) return
    rows.count = source.count()
    const end = listEnd(extent())
    const followed = source.followed()
    const wanted = followed === null ? anchorOffset() : rows.offsetOf(followed) - view
    const list = Math.max(0, Math.min(wanted, end))
    if (followed !== null) anchor = anchorAt(list)
    if (followed !== null || mustReseat(list)) seat = toScroll(list, extent())
    place = { list, scroll: seat ?? place.scroll }
    const firstRow = rows.rowAt(list)
    const lastRow = rows.rowAt(list + view - 1)
    const first = Math.max(0, firstRow - OVERSCAN)
    frame.value = {
      first,
      rows: source.rows(first, Math.min(rows.count, lastRow + 1 + OVERSCAN)),
      top: place.scroll - list + rows.offsetOf(first),
      height: scrollHeight(extent()),
      width: widest
    }
    source.shown(firstRow, lastRow)
    void nextTick().then(() => settle(rounds))
  }

  /** Whether the container must be put where it belongs. Whoever scrolls just now would be thrown out of the movement. */
  function mustReseat(list: number): boolean {
    const height = scrollHeight(extent())
    // At an end there is no other way to let it go on.
    if (place.scroll <= 0 || place.scroll >= height - view - 1) return true
    const slack = rows.total > height ? SLACK : 1
    return resting === undefined && Math.abs(toScroll(list, extent()) - place.scroll) > slack
  }

  /** After the frame was put into the document: moves the container where it belongs, and measures what wraps. */
  function settle(rounds: number) {
    const region = source.region()
    const box = source.box()
    if (!region || !box) return
    if (seat !== null) {
      if (Math.abs(region.scrollTop - seat) >= 1) region.scrollTop = seat
      place.scroll = region.scrollTop
      seat = null
    }
    if (source.wrapped()) {
      if (measure(box) && rounds > 0) draw(rounds - 1)
    } else if (box.offsetWidth > widest) {
      widest = box.offsetWidth
      frame.value = { ...frame.value, width: widest }
    }
  }

  function measure(box: HTMLElement): boolean {
    let news = false
    const { first } = frame.value
    for (let i = 0; i < box.children.length; i++) {
      const { height } = box.children[i]!.getBoundingClientRect()
      const plain = Math.abs(height - rows.rowHeight) < 0.5
      if (rows.measured(first + i, plain ? rows.rowHeight : height)) news = true
    }
    return news
  }

  function anchorAt(list: number) {
    const row = rows.rowAt(list)
    return { row, into: list - rows.offsetOf(row) }
  }

  const anchorOffset = () => rows.offsetOf(anchor.row) + (anchor.into ?? Math.min(0, (rows.rowHeight - view) / 2))

  function onScroll() {
    const { scrollTop: scroll, clientHeight } = source.region()!
    // The browser moves what becomes higher, and may say so before it says why: nobody has scrolled.
    if (clientHeight !== view) return resize()
    if (Math.abs(scroll - place.scroll) < 1) return
    const before = place.list
    place = scrolled(place, scroll, extent())
    anchor = anchorAt(place.list)
    clearTimeout(resting)
    resting = setTimeout(() => {
      resting = undefined
      draw()
    }, REST_MS)
    source.moved(place.list - before, place.list >= listEnd(extent()) - 1)
    draw()
  }

  /** Brings a row into view: to the middle, or as far as there is something to scroll. */
  function goTo(row: number) {
    clearTimeout(resting)
    resting = undefined
    anchor = { row, into: null }
    draw()
  }

  /** The rows are laid out otherwise now. */
  function relaid() {
    rows.reset(Number.parseFloat(getComputedStyle(source.region()!).lineHeight))
    widest = 0
    draw()
  }

  function resize() {
    const { clientHeight, clientWidth } = source.region()!
    const relay = clientWidth !== width && source.wrapped()
    view = clientHeight
    width = clientWidth
    if (relay) relaid()
    else draw()
  }

  const resized = new ResizeObserver(resize)
  onMounted(() => {
    view = source.region()!.clientHeight
    width = source.region()!.clientWidth
    relaid()
    resized.observe(source.region()!)
  })
  onScopeDispose(() => {
    resized.disconnect()
    clearTimeout(resting)
  })
  const firstInView = () => rows.rowAt(place.list)
  const isAtStart = () => place.list <= 0
  const isInView = (row: number) => row >= firstInView() && row <= rows.rowAt(place.list + view - 1)

  return { frame, draw: () => draw(), goTo, relaid, onScroll, firstInView, isAtStart, isInView }
}
