import { collectDefaultMetrics, type MetricObject, Registry } from 'prom-client'
import { catalogue, type Metric, type Sources } from './catalogue.ts'

/** Gauges with a name for counters: Prometheus' own linter complains, and nobody misses them. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

/** Everything the server tells in numbers, in the words of Prometheus. Imported when somebody asks for the first time. */
export function makeRegistry(sources: Sources): Registry {
  const registry = new Registry()
  // The library asks each for its values at every scrape, and wants no more of it than that.
  for (const metric of catalogue(sources)) registry.registerMetric(asked(metric) as never)
  collectDefaultMetrics({ register: registry })
  for (const name of MISNAMED) registry.removeSingleMetric(name)
  return registry
}

function asked({ name, help, type, samples }: Metric) {
  return {
    name,
    get: async () => ({ name, help, type, aggregator: 'sum', values: await samples() }) as unknown as MetricObject
  }
}
