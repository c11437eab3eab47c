/** What a number is counted by. Of one metric all have the same names, in the same order. */
export type Labels = Readonly<Record<string, string>>

/** One number of a metric; `metricName` where its name has something behind the metric's own. */
export interface Sample {
  metricName?: string
  labels: Record<string, string>
  value: number
}

/** Counts by labels. What only counts is here, and not in a library, as that is loaded when somebody asks for the numbers. */
export class Tally {
  readonly #counts = new Map<string, { labels: Labels; value: number }>()

  add(labels: Labels, by = 1): void {
    const key = keyOf(labels)
    const count = this.#counts.get(key)
    if (count) count.value += by
    else this.#counts.set(key, { labels, value: by })
  }

  /** Forgets what was counted by this value of a label. */
  forget(name: string, value: string): void {
    forget(this.#counts, name, value)
  }

  samples(): Sample[] {
    return [...this.#counts.values()].map(({ labels, value }) => ({ labels: { ...labels }, value }))
  }
}

/** How values are spread, by labels: how many are no greater than each of some bounds, and their sum. */
export class Spread {
  readonly #bounds: readonly number[]
  readonly #spreads = new Map<string, { labels: Labels; counts: number[]; sum: number }>()

  /** @param bounds ascending. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
  }

  observe(labels: Labels, value: number): void {
    const key = keyOf(labels)
    let spread = this.#spreads.get(key)
    if (!spread) {
      spread = { labels, counts: new Array<number>(this.#bounds.length + 1).fill(0), sum: 0 }
      this.#spreads.set(key, spread)
    }
    const place = this.#bounds.findIndex(bound => value <= bound)
    spread.counts[place < 0 ? this.#bounds.length : place]!++
    spread.sum += value
  }

  forget(name: string, value: string): void {
    forget(this.#spreads, name, value)
  }

  /** As Prometheus has a histogram: each bucket has what is in those below it as well. */
  samples(metric: string): Sample[] {
    return [...this.#spreads.values()].flatMap(({ labels, counts, sum }) => {
      let count = 0
      const buckets = counts.map((more, place) => {
        count += more
        const le = place < this.#bounds.length ? String(this.#bounds[place]) : '+Inf'
        return { metricName: `${metric}_bucket`, labels: { ...labels, le }, value: count }
      })
      return [
        ...buckets,
        { metricName: `${metric}_sum`, labels: { ...labels }, value: sum },
        { metricName: `${metric}_count`, labels: { ...labels }, value: count }
      ]
    })
  }
}

function keyOf(labels: Labels): string {
  return Object.values(labels).join('\0')
}

function forget(all: Map<string, { labels: Labels }>, name: string, value: string): void {
  for (const [key, { labels }] of all) if (labels[name] === value) all.delete(key)
}
