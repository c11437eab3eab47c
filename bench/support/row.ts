/** One line of the table. */
export interface Row {
  what: string
  ours: number
  unit: string
  /** What to reach; null for what is told for information. */
  target: number | null
  /** True when more is better. */
  more?: boolean
  /** The same by the plainest means, measured in the same run. */
  baseline?: { what: string; value: number }
}

/** Measures one thing. It ends what it has started, and takes less than three minutes. */
export type Bench = () => Promise<Row[]>

export function reached(row: Row): boolean | null {
  if (row.target === null) return null
  return row.more ? row.ours >= row.target : row.ours <= row.target
}

/** The value below which `share` (0 to 1) of the values lie; nearest rank. */
export function percentile(values: Iterable<number>, share: number): number {
  const sorted = Float64Array.from(values).sort()
  if (sorted.length === 0) throw new Error('nothing was measured')
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]!
}

export const median = (values: Iterable<number>): number => percentile(values, 0.5)
