/** What is looked for at once. Longer patterns are cut, so that no more than this is ever held back or compared. */
export const PIECE_BYTES = 32

/** A block of three bytes is looked up in the tables; the multiplier spreads blocks over them (Knuth, 6.4). */
const BLOCK_BYTES = 3
const SPREAD = 0x9e3779b1

/** Slots of the tables for each piece, so that a text that holds none rarely hits one; and bounds: 16 KB to 1 MB each. */
const SLOTS_PER_PIECE = 32
const MIN_SLOT_BITS = 14
const MAX_SLOT_BITS = 20

/**
 * Finds any of many byte strings in a text, in one go that mostly skips: the algorithm of Wu and Manber ("A fast algorithm
 * for multi-pattern searching", 1994). A window as long as the shortest piece moves over the text. The block at its end says
 * how far it may go, as no piece has that block further on; where that is nowhere, a tree of all pieces says what begins
 * at the window's start. It passes thousands of pieces at 400 MB/s and more, some hundred at twice that.
 *
 * A pattern longer than {@link PIECE_BYTES} is found as its pieces, one behind the other; so each of them alone is found
 * too, where a text holds but a part of it.
 */
export class Patterns {
  readonly #pieces = new Map<string, Buffer>()
  readonly #tree = new Tree()
  #window = PIECE_BYTES
  #isBuilt = false
  #slotShift = 32
  /** By block: how far the window may go. */
  #skips = new Uint8Array(0)
  /** By block: 1 where a piece begins with it. */
  #begins = new Uint8Array(0)

  get size(): number {
    return this.#pieces.size
  }

  /** `pattern` has six bytes or more. */
  add(pattern: Buffer): void {
    for (let at = 0; at < pattern.length; at += PIECE_BYTES) {
      // The last one begins earlier, to be a whole one.
      const from = Math.max(0, Math.min(at, pattern.length - PIECE_BYTES))
      const piece = pattern.subarray(from, at + PIECE_BYTES)
      const name = piece.toString('latin1')
      if (this.#pieces.has(name)) continue
      this.#pieces.set(name, piece)
      this.#tree.add(piece)
      if (piece.length < this.#window || this.#slotBits() > 32 - this.#slotShift) this.#isBuilt = false
      else if (this.#isBuilt) this.#enter(piece)
    }
  }

  /** Calls `found` for each match that begins in [from, to), in order and the longest of those at one place. */
  find(text: Buffer, from: number, to: number, found: (start: number, end: number) => void): void {
    if (this.size === 0) return
    if (!this.#isBuilt) this.#build()
    const [window, slotShift, skips, begins, tree] = [
      this.#window,
      this.#slotShift,
      this.#skips,
      this.#begins,
      this.#tree
    ]
    const view = new DataView(text.buffer, text.byteOffset, text.length)
    const stop = Math.min(text.length, to + window - 1)
    for (let last = from + window - 1; ; last++) {
      while (last < stop) {
        const skip = skips[Math.imul(view.getUint32(last - 3, true) >>> 8, SPREAD) >>> slotShift]!
        if (skip === 0) break
        last += skip
      }
      if (last >= stop) return
      const start = last - window + 1
      if (begins[Math.imul(view.getUint32(start, true) & 0xffffff, SPREAD) >>> slotShift] === 0) continue
      const length = tree.longest(text, start)
      if (length > 0) found(start, start + length)
    }
  }

  /** Where the text may end within a piece: the first place, from `from` on, behind which all is a piece's beginning. */
  openAt(text: Buffer, from: number): number {
    let start = Math.max(from, text.length - PIECE_BYTES + 1)
    while (start < text.length && !this.#tree.mayGoOn(text, start)) start++
    return start
  }

  #build(): void {
    const bits = this.#slotBits()
    this.#slotShift = 32 - bits
    this.#window = PIECE_BYTES
    for (const piece of this.#pieces.values()) this.#window = Math.min(this.#window, piece.length)
    this.#skips = new Uint8Array(2 ** bits).fill(this.#window - BLOCK_BYTES + 1)
    this.#begins = new Uint8Array(2 ** bits)
    for (const piece of this.#pieces.values()) this.#enter(piece)
    this.#isBuilt = true
  }

  #enter(piece: Buffer): void {
    this.#begins[this.#slot(piece, 0)] = 1
    for (let at = 0; at + BLOCK_BYTES <= this.#window; at++) {
      const slot = this.#slot(piece, at)
      this.#skips[slot] = Math.min(this.#skips[slot]!, this.#window - BLOCK_BYTES - at)
    }
  }

  #slotBits(): number {
    const wanted = Math.ceil(Math.log2(this.#pieces.size * SLOTS_PER_PIECE))
    return Math.min(MAX_SLOT_BITS, Math.max(MIN_SLOT_BITS, wanted))
  }

  #slot(piece: Buffer, at: number): number {
    return Math.imul(piece.readUIntLE(at, BLOCK_BYTES), SPREAD) >>> this.#slotShift
  }
}

const ENDS = 1
const GOES_ON = 2

/** The pieces as a tree of their bytes. Its edges stand in a table with open addressing: a hundred thousand take 3 MB. */
class Tree {
  /** Of the edge in each slot: the node it leaves and its byte, and the node it leads to. 0 leads nowhere. */
  #keys = new Int32Array(256)
  #targets = new Int32Array(256)
  /** Of each node: whether a piece ends there, and whether one goes on. Node 0 is nothing, node 1 the root. */
  #marks = new Uint8Array(128)
  #nodes = 2

  add(piece: Buffer): void {
    let node = 1
    for (const byte of piece) {
      this.#marks[node]! |= GOES_ON
      node = this.#next(node, byte) || this.#grow(node, byte)
    }
    this.#marks[node]! |= ENDS
  }

  /** The length of the longest piece that begins at `start`; 0 when none does. */
  longest(text: Buffer, start: number): number {
    let length = 0
    for (let node = 1, at = start; at < text.length; ) {
      node = this.#next(node, text[at++]!)
      if (node === 0) break
      if (this.#marks[node]! & ENDS) length = at - start
    }
    return length
  }

  /** Whether all of the text from `start` on is the beginning of a longer piece. */
  mayGoOn(text: Buffer, start: number): boolean {
    let node = 1
    for (let at = start; at < text.length && node !== 0; at++) node = this.#next(node, text[at]!)
    return (this.#marks[node]! & GOES_ON) !== 0
  }

  #next(node: number, byte: number): number {
    return this.#targets[this.#slot((node << 8) | byte)]!
  }

  /** Where the edge stands, or would. */
  #slot(key: number): number {
    const mask = this.#keys.length - 1
    let slot = (Math.imul(key, SPREAD) >>> 8) & mask
    while (this.#targets[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) & mask
    return slot
  }

  #grow(node: number, byte: number): number {
    if (this.#nodes === this.#marks.length) this.#enlarge()
    const slot = this.#slot((node << 8) | byte)
    this.#keys[slot] = (node << 8) | byte
    this.#targets[slot] = this.#nodes
    return this.#nodes++
  }

  /** To twice the nodes; there are always two slots for each. */
  #enlarge(): void {
    const [keys, targets, marks] = [this.#keys, this.#targets, this.#marks]
    this.#keys = new Int32Array(keys.length * 2)
    this.#targets = new Int32Array(keys.length * 2)
    this.#marks = new Uint8Array(marks.length * 2)
    this.#marks.set(marks)
    for (let old = 0; old < keys.length; old++) {
      if (targets[old] === 0) continue
      const slot = this.#slot(keys[old]!)
      this.#keys[slot] = keys[old]!
      this.#targets[slot] = targets[old]!
    }
  }
}
