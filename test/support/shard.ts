/** What of `files` is for one of several machines; `shard` is such as `2/4`. All shards together are all files, each once. */
export function shardOf(files: string[], shard: string): string[] {
  const [, number, count] = /^(\d+)\/(\d+)$/.exec(shard)?.map(Number) ?? []
  if (!number || !count || number > count) throw new Error(`--shard is "${shard}": expected one such as 2/4`)
  return files.filter((_, at) => at % count === number - 1)
}
