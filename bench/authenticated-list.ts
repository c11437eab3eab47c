/** Bots listed by whoever is signed in, a second, over connections that stay; beside a server that only sends the same bytes. */
import { once } from 'node:events'
import http from 'node:http'
import { startFastify } from './support/bare-server.ts'
import { inParallel } from './support/executions.ts'
import { type Bench, median } from './support/row.ts'
import { withServer } from './support/server.ts'

const BOTS = 20
const CONNECTIONS = 16
const REQUESTS = 20_000
const ROUNDS = 5

const bench: Bench = () =>
  withServer(async server => {
    for (let n = 0; n < BOTS; n++) await server.makeBot(['/bin/true'], { name: `bot ${n}` })
    const { text } = await server.get('/api/bots')
    const bare = await startFastify(text)
    const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS })
    try {
      const headers = { authorization: `Bearer ${server.token}` }
      const ask = async (url: string) => {
        const request = http.get(`${url}/api/bots`, { agent, headers })
        const [response] = (await once(request, 'response')) as [http.IncomingMessage]
        let bytes = 0
        response.on('data', chunk => {
          bytes += chunk.length
        })
        await once(response, 'end')
        if (response.statusCode !== 200 || bytes !== Buffer.byteLength(text)) throw new Error(`${response.statusCode}`)
      }
      const perSecond = async (url: string) => {
        const start = performance.now()
        await inParallel(CONNECTIONS, REQUESTS, () => ask(url))
        return (REQUESTS / (performance.now() - start)) * 1000
      }
      await perSecond(server.url)
      await perSecond(bare.url)
      const ours: number[] = []
      const theirs: number[] = []
      // In turns, so that what the machine has to do falls upon both.
      for (let round = 0; round < ROUNDS; round++) {
        ours.push(await perSecond(server.url))
        theirs.push(await perSecond(bare.url))
      }
      return []
    } finally {
      agent.destroy()
      await bare.stop()
    }
  })

export default bench
