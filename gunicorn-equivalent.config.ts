import type { ProcessSettings } from './src/config/process-settings.ts'

/**
 * The settings of the server process itself: the counterpart of a `gunicorn.conf.py`.
 * Edit it where you deploy. `HOST` and `PORT` in the environment win over `bind`.
 * `npm start -- --check-config` prints what is in force.
 */
const settings: ProcessSettings = {
  /** host:port to listen on. Behind a proxy on the same machine use 127.0.0.1:20000. */
  bind: '0.0.0.0:20000',
  /** Always 1: whoever follows a log is connected to the process that publishes it. */
  workers: 1,
  /** Requests that are worked on; one more is answered 503 with Retry-After at once. Streams are counted apart. */
  workerConnections: 1000,
  /** Event streams open at a time; one more is answered 503 with Retry-After. */
  maxStreams: 4096,
  /** Of those, for one account: a person with all his sessions, or a token. One more is answered 503 with Retry-After. */
  maxStreamsPerAccount: 1000,
  /**
   * Seconds by which the process may be late on average; while it is later, requests are answered 503 with Retry-After.
   * More than the one second for which the database waits when another program holds it.
   */
  maxEventLoopDelay: 2,
  /** Seconds a request may take to start its response, then 503. */
  timeout: 300,
  /** Seconds an idle connection is kept. Longer than the proxy's own (Caddy: 120), or it meets a closed socket. */
  keepAlive: 125,
  /** Seconds that closing may take, after DRAIN_SECONDS where that is set; what has not ended by then is cut off. */
  gracefulTimeout: 30
}

export default settings
