/**
 * The machine's realtime clock in milliseconds with microseconds, to compare with what a bot printed. `Date.now()` has
 * whole milliseconds and `performance.timeOrigin` is as old as the process, so the two clocks are laid side by side now.
 */
export function realtimeClock(): () => number {
  let offset = Number.POSITIVE_INFINITY
  for (let i = 0; i < 20; i++) {
    const before = Date.now()
    let now = before
    while (now === before) now = Date.now()
    // At a tick the millisecond is exact; whoever is interrupted right after it finds a smaller offset, hence the most.
    const here = now - performance.now()
    offset = i === 0 ? here : Math.max(offset, here)
  }
  return () => performance.now() + offset
}
