/** A stand-in for ntfy, by which a phone is told of things: it keeps what it was sent. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Phone {
  url: string
  messages: { title: string; message: string }[]
  close(): Promise<void>
}

/** Listens on 127.0.0.1; `ring` is called with each message. */
export async function startPhone(ring: (title: string, message: string) => void = () => {}): Promise<Phone> {
  const messages: Phone['messages'] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const { title, message } = JSON.parse(text) as Phone['messages'][number]
    messages.push({ title, message })
    ring(title, message)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    messages,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}
