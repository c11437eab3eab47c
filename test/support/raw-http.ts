import net from 'node:net'

/** Sends bytes as they are, for requests that no proper client makes; answers what has come when `enough` says so, or at the end. */
export function rawHttp(
  url: string,
  request: string,
  enough: (answer: string) => boolean = () => false
): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname, () => socket.write(request, 'latin1'))
    let answer = ''
    socket.on('data', chunk => {
      answer += chunk.toString('latin1')
      if (enough(answer)) socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}
