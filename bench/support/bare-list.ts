/** Fastify with nothing else to it, which lists the bots in the data folder named to anybody who asks. */
import Fastify from 'fastify'
import { BotStore } from '../../src/bots/store.ts'
import { openDatabase } from '../../src/db/open.ts'

const store = new BotStore(openDatabase(process.argv[2]!))
const app = Fastify()
app.get('/api/bots', async () => ({
  items: await store.list({ limit: 50, cursor: undefined, search: undefined, ids: null }),
  nextCursor: null
}))
await app.listen({ host: '127.0.0.1', port: 0 })
console.log((app.server.address() as { port: number }).port)
