import type { ServerResponse } from 'node:http'

/**
 * Calls when the connection of an answer has closed. By the time it is known who asks he may have gone, and nobody would be
 * told of that any more: then it calls in a moment.
 */
export function onceClosed(response: ServerResponse, call: () => void): void {
  if (response.destroyed) setImmediate(call)
  else response.once('close', call)
}
