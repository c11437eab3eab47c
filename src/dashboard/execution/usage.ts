/** What all processes of an attempt had used at a time; `cpuMs` since it began. */
export interface Sample {
  at: number
  cpuMs: number
  memoryBytes: number
  pids: number
}

export interface Point {
  at: number
  value: number
}

/** How many processors were busy for it on average, from each sample to the one before or the start of the attempt. */
export function processorsOver(samples: Sample[], startedAt: number): Point[] {
  let before = { at: startedAt, cpuMs: 0 }
  return samples.flatMap(sample => {
    const ms = sample.at - before.at
    const value = Math.max(0, sample.cpuMs - before.cpuMs) / ms
    before = sample
    // Somebody may have set the clock.
    return ms > 0 ? [{ at: sample.at, value }] : []
  })
}

export const memoryOver = (samples: Sample[]): Point[] =>
  samples.map(({ at, memoryBytes }) => ({ at, value: memoryBytes }))

/** A picture of values over time is as wide and as high as this, in units that the page stretches. */
export const WIDTH = 1000
export const HEIGHT = 100

export interface Frame {
  from: number
  to: number
  /** The value at the upper edge. */
  top: number
}

const x = ({ from, to }: Frame, at: number): number => clamp(((at - from) / Math.max(1, to - from)) * WIDTH, WIDTH)
export const y = ({ top }: Frame, value: number): number => HEIGHT - clamp((value / top) * HEIGHT, HEIGHT)
const clamp = (value: number, max: number): number => round(Math.max(0, Math.min(max, value)))
const round = (value: number): number => Math.round(value * 10) / 10

/** The way of an SVG path through the points, each being the value of the time before it. */
export function steps(points: Point[], frame: Frame): string {
  let path = ''
  let left = x(frame, frame.from)
  for (const { at, value } of points) {
    path += `${path ? 'L' : 'M'}${left} ${y(frame, value)}`
    left = x(frame, at)
    path += `L${left} ${y(frame, value)}`
  }
  return path
}

/** The way of an SVG path from point to point. */
export function line(points: Point[], frame: Frame): string {
  return points.map(({ at, value }, i) => `${i ? 'L' : 'M'}${x(frame, at)} ${y(frame, value)}`).join('')
}

/**
 * The value at which an axis may well end: 1, 2 or 5 times a power of ten, of a unit that has `base` of the next smaller.
 */
export function axisEnd(value: number, base: 1000 | 1024): number {
  if (value <= 0) return 1
  let unit = 1
  while (value >= unit * base) unit *= base
  const power = 10 ** Math.floor(Math.log10(value / unit))
  const factor = [1, 2, 5].find(step => step * power * unit >= value) ?? 10
  return factor * power * unit
}
