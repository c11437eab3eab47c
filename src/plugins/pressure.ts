import { getHeapStatistics } from 'node:v8'
import underPressure, { TYPE_EVENT_LOOP_DELAY } from '@fastify/under-pressure'
import fp from 'fastify-plugin'
import { overloaded } from './load-limit.ts'

/** Of the memory that objects may take; at all of it the process would end. */
const MAX_HEAP = 0.9

/** It is looked at this often, and not so often that what is still allowed fills the time between two looks. */
const lookMs = (maxDelayMs: number) => Math.max(1000, maxDelayMs * 1.25)

/** How often it is told that load is shed. */
const REPORT_MS = 60_000

/**
 * Sheds load while the server cannot keep up: while its event loop is late by more than `maxDelayMs` on average, or its
 * memory is nearly used up. What is sent away is told so at once, before anything is looked up for it. Whoever is being told
 * something (streams), asks how the server is, or makes less to do (`vital`) is served on. How late a start makes the loop
 * says nothing of what is asked. Register it behind `auth`.
 */
export const pressure = fp<{ maxDelayMs: number; maxHeapBytes?: number }>(
  async (app, { maxDelayMs, maxHeapBytes = getHeapStatistics().heap_size_limit * MAX_HEAP }) => {
    const sampleInterval = lookMs(maxDelayMs)
    let reportedAt = Number.NEGATIVE_INFINITY
    let judgedFrom = Number.POSITIVE_INFINITY
    // The first look may have the start in it, and what it found holds until the second.
    app.addHook('onListen', async () => {
      judgedFrom = performance.now() + 2 * sampleInterval
    })
    await app.register(underPressure, {
      sampleInterval,
      maxEventLoopDelay: maxDelayMs,
      maxHeapUsedBytes: maxHeapBytes,
      pressureHandler: async (request, _reply, type, value) => {
        const { stream, unlimited, vital } = request.routeOptions.config ?? {}
        if (stream || unlimited || vital) return
        if (type === TYPE_EVENT_LOOP_DELAY && performance.now() < judgedFrom) return
        if (performance.now() - reportedAt > REPORT_MS) {
          reportedAt = performance.now()
          app.log.warn({ [type]: value }, 'the server has more to do than it can, and sends requests away')
        }
        throw overloaded('The server has more to do than it can at this moment.', Math.ceil(sampleInterval / 1000))
      }
    })
  },
  { name: 'pressure', dependencies: ['load-limit'] }
)
