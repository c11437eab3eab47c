/**
 * How often whoever is signed in can list the bots, beside Fastify alone that reads the same rows for anybody: what is between is
 * finding out who asks, whether he may, how often he does, and the headers.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { startBareList } from './support/bare-server.ts'
import { type Bench, median } from './support/row.ts'
import { withServer } from './support/server.ts'

const BOTS = 20
const ROUNDS = 5
const SECONDS = 4
const CONNECTIONS = 16
/** Of what Fastify alone does. */
const TARGET = 0.5

const bench: Bench = () =>
  withServer(async server => {
    for (let n = 0; n < BOTS; n++) await server.makeBot(['/bin/true'], { name: `bot ${n}` })
    const bare = await startBareList(server.dataDir)
    const ours: number[] = []
    const theirs: number[] = []
    const ratios: number[] = []
    try {
      await perSecond(server.url, server.token!)
      await perSecond(bare.url, server.token!)
      // In turns, so that what else the machine has to do falls upon both.
      for (let round = 0; round < ROUNDS; round++) {
        ours.push(await perSecond(server.url, server.token!))
        theirs.push(await perSecond(bare.url, server.token!))
        ratios.push(ours.at(-1)! / theirs.at(-1)!)
      }
    } finally {
      await bare.stop()
    }
    const baseline = { what: 'Fastify alone, the same rows', value: median(theirs) }
    return [
      { what: `lists of ${BOTS} bots, signed in`, ours: median(ours), unit: '1/s', target: null, more: true, baseline },
      {
        what: 'the same, as a part of what Fastify alone does',
        ours: median(ratios),
        unit: '',
        target: TARGET,
        more: true
      }
    ]
  })

/** By wrk, which leaves more of the processors to the server than a client of Node's would. */
async function perSecond(url: string, token: string): Promise<number> {
  const options = ['-t', '1', '-c', String(CONNECTIONS), '-d', String(SECONDS), '-H', `Authorization: Bearer ${token}`]
  const { stdout } = await promisify(execFile)('wrk', [...options, `${url}/api/bots`])
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(stdout)
  return Number(/Requests\/sec: +([\d.]+)/.exec(stdout)![1])
}

export default bench
