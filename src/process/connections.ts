/** How long somebody may take nothing of a large answer. */
export const READER_IDLE_MS = 30_000

/**
 * How long a connection may take to say what it wants. Whoever speaks too slowly is answered 408 and cut off; who has asked
 * may wait for the answer as long as it takes. Times are milliseconds.
 */
export const connectionLimits = {
  /** For a whole request: its body is at most 1 MiB. */
  requestTimeout: 30_000,
  http: {
    /** For the headers, from the first moment of the connection on: one that says nothing at all goes as well. */
    headersTimeout: 10_000,
    /** How often both are looked at. */
    connectionsCheckingInterval: 5000,
    /** Bytes of all headers. */
    maxHeaderSize: 16 * 1024
  }
}
