import http from 'node:http'

/** One event as a browser's EventSource would give it, `data` parsed. */
export interface ServerEvent {
  id: string | null
  event: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server sent
  data: any
}

export interface EventStream {
  status: number
  headers: http.IncomingHttpHeaders
  /** All that has come so far, comments and fields included. */
  raw: () => string
  /** Events, until the server ends the stream or `close` is called. */
  [Symbol.asyncIterator](): AsyncIterator<ServerEvent>
  close(): void
  /** Resolves when the connection has ended, from whichever side. */
  closed: Promise<void>
  /** Stops and goes on reading from the socket. */
  pause(): void
  resume(): void
  /** Bytes received so far. */
  bytes: () => number
}

/** Opens an event stream over a connection of its own. It parses by the letter of the HTML standard, section 9.2.6. */
export function openStream(url: string, headers: Record<string, string> = {}): Promise<EventStream> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { headers: { accept: 'text/event-stream', ...headers }, agent: false })
    request.on('error', reject)
    request.on('response', response => {
      const events: ServerEvent[] = []
      let raw = ''
      let bytes = 0
      let ended = false
      let wake = () => {}
      const parser = eventParser(event => events.push(event))
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        const text = decoder.decode(chunk, { stream: true })
        raw += text
        parser(text)
        wake()
      })
      const closed = new Promise<void>(done => {
        response.on('close', () => {
          ended = true
          wake()
          done()
        })
      })
      response.on('error', () => {})
      resolve({
        status: response.statusCode!,
        headers: response.headers,
        raw: () => raw,
        bytes: () => bytes,
        closed,
        close: () => request.destroy(),
        pause: () => response.pause(),
        resume: () => response.resume(),
        async *[Symbol.asyncIterator]() {
          for (;;) {
            while (events.length > 0) yield events.shift()!
            if (ended) return
            await new Promise<void>(next => {
              wake = next
            })
          }
        }
      })
    })
  })
}

/** Line ends are LF, CR or CRLF, as the standard has it: a CR in the data that came through would be seen here. */
function eventParser(emit: (event: ServerEvent) => void): (text: string) => void {
  let rest = ''
  let id: string | null = null
  let event = ''
  let data: string[] = []
  const line = (text: string) => {
    if (text === '') {
      if (data.length > 0) emit({ id, event: event || 'message', data: JSON.parse(data.join('\n')) })
      event = ''
      data = []
      return
    }
    if (text.startsWith(':')) return
    const colon = text.indexOf(':')
    const field = colon < 0 ? text : text.slice(0, colon)
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '')
    if (field === 'id') id = value
    else if (field === 'event') event = value
    else if (field === 'data') data.push(value)
  }
  return text => {
    rest += text
    for (;;) {
      const end = /\r\n|\n|\r(?!$)/.exec(rest)
      if (!end) return
      line(rest.slice(0, end.index))
      rest = rest.slice(end.index + end[0].length)
    }
  }
}
