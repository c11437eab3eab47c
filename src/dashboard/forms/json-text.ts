/** Where JSON goes wrong: `line` and `column` count from 1. */
export interface JsonProblem {
  message: string
  line: number
  column: number
}

/**
 * The first thing that keeps a text from being JSON; null when nothing does. Browsers say this each in their own way, some
 * without saying where.
 */
export function jsonProblem(text: string): JsonProblem | null {
  try {
    JSON.parse(text)
    return null
  } catch {
    const { at, message } = new Reader(text).problem()
    const before = text.slice(0, at).split('\n')
    return { message, line: before.length, column: before.at(-1)!.length + 1 }
  }
}

class Wrong extends Error {
  readonly at: number

  constructor(at: number, message: string) {
    super(message)
    this.at = at
  }
}

const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const WORD = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

/** Reads JSON only to find where it ends to be any. */
class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  problem(): Wrong {
    try {
      this.#value()
      this.#space()
      return new Wrong(this.#at, 'there is more behind the end')
    } catch (error) {
      if (error instanceof Wrong) return error
      return new Wrong(0, 'it is nested too deep')
    }
  }

  #space(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? '')) this.#at++
  }

  /** The next sign, white space aside. */
  #next(): string {
    this.#space()
    return this.#text[this.#at] ?? ''
  }

  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found) this.#at += found[0].length
    return found !== null
  }

  #wrong(expected: string): Wrong {
    return new Wrong(
      this.#at,
      this.#at >= this.#text.length ? `${expected} is missing at the end` : `${expected} is missing here`
    )
  }

  #value(): void {
    const sign = this.#next()
    if (sign === '{') this.#list('}', () => this.#entry())
    else if (sign === '[') this.#list(']', () => this.#value())
    else if (sign === '"') this.#string()
    else if (sign === "'") throw new Wrong(this.#at, 'text stands in double quotes')
    else if (!this.#take(WORD)) throw this.#wrong('a value')
  }

  #entry(): void {
    const sign = this.#next()
    if (sign !== '"') {
      throw /[\w$']/.test(sign)
        ? new Wrong(this.#at, 'a name stands in double quotes')
        : this.#wrong('a name in double quotes')
    }
    this.#string()
    if (this.#next() !== ':') throw this.#wrong('a colon')
    this.#at++
    this.#value()
  }

  #list(end: string, item: () => void): void {
    this.#at++
    if (this.#next() === end) {
      this.#at++
      return
    }
    for (;;) {
      item()
      const sign = this.#next()
      const comma = this.#at
      if (sign !== end && sign !== ',') throw this.#wrong(`a comma or ${end}`)
      this.#at++
      if (sign === end) return
      if (this.#next() === end) throw new Wrong(comma, 'there is a comma too many')
    }
  }

  #string(): void {
    if (this.#take(STRING)) return
    const start = this.#at++
    this.#take(/(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y)
    if (this.#text[this.#at] === '\\')
      throw new Wrong(this.#at, 'a backslash stands before " \\ / b f n r t or u and four digits')
    throw new Wrong(start, 'this text has no closing quote in its line')
  }
}
