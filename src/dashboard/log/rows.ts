/**
 * The heights of a list of rows, most of which are as high as any other. Those that were measured to be otherwise are
 * kept, sorted, with the sum of what all before them are higher. Rows count from 0.
 */
export class Rows {
  count = 0
  readonly #rows: number[] = []
  readonly #extras: number[] = []
  /** What the exceptions before each are higher in all; valid for the first `#summed` of them. */
  readonly #sums: number[] = []
  #summed = 0
  #rowHeight: number

  constructor(rowHeight: number) {
    this.#rowHeight = rowHeight
  }

  get rowHeight(): number {
    return this.#rowHeight
  }

  get total(): number {
    return this.offsetOf(this.count)
  }

  heightOf(row: number): number {
    const at = this.#indexOf(row)
    return this.#rowHeight + (this.#rows[at] === row ? this.#extras[at]! : 0)
  }

  /** @returns whether that was news. */
  measured(row: number, height: number): boolean {
    if (this.heightOf(row) === height) return false
    const at = this.#indexOf(row)
    const known = this.#rows[at] === row ? 1 : 0
    const entries = height === this.#rowHeight ? [] : [row]
    this.#rows.splice(at, known, ...entries)
    this.#extras.splice(at, known, ...entries.map(() => height - this.#rowHeight))
    this.#summed = Math.min(this.#summed, at)
    return true
  }

  /** Forgets what was measured: the rows are laid out otherwise now. */
  reset(rowHeight: number): void {
    this.#rowHeight = rowHeight
    this.#rows.length = this.#extras.length = this.#sums.length = this.#summed = 0
  }

  /** Where a row begins; for the number of rows, where the last one ends. */
  offsetOf(row: number): number {
    return row * this.#rowHeight + this.#extraBefore(this.#indexOf(row))
  }

  /** The row that lies at `offset`, or the nearest. */
  rowAt(offset: number): number {
    let low = 0
    let high = this.#rows.length
    // The last exception that begins at or before the offset.
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#rows[middle]! * this.#rowHeight + this.#extraBefore(middle) <= offset) low = middle + 1
      else high = middle
    }
    let row: number
    if (low === 0) row = Math.floor(offset / this.#rowHeight)
    else {
      const exception = this.#rows[low - 1]!
      const end = (exception + 1) * this.#rowHeight + this.#extraBefore(low)
      row = offset < end ? exception : exception + 1 + Math.floor((offset - end) / this.#rowHeight)
    }
    return Math.max(0, Math.min(row, this.count - 1))
  }

  /** The first exception at or behind `row`. */
  #indexOf(row: number): number {
    let low = 0
    let high = this.#rows.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#rows[middle]! < row) low = middle + 1
      else high = middle
    }
    return low
  }

  #extraBefore(index: number): number {
    for (; this.#summed < index; this.#summed++) {
      this.#sums[this.#summed] = (this.#sums[this.#summed - 1] ?? 0) + this.#extras[this.#summed]!
    }
    return index === 0 ? 0 : this.#sums[index - 1]!
  }
}
