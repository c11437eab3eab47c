export type PreviewKind = 'image' | 'audio' | 'video' | 'text'

/** Larger pictures are for a program that is made for them. */
const MAX_IMAGE_BYTES = 20 * 1024 * 1024

const KINDS: [PreviewKind, RegExp][] = [
  ['image', /\.(png|jpe?g|gif|webp|avif|svg)$/i],
  ['audio', /\.(mp3|wav|ogg)$/i],
  ['video', /\.(mp4|webm)$/i],
  [
    'text',
    /\.(txt|log|md|markdown|json|jsonl|ndjson|csv|tsv|xml|html?|css|js|ts|py|sh|sql|ya?ml|toml|ini|conf|diff|patch)$/i
  ],
  // README, Makefile, output.
  ['text', /(^|\/)[^./]+$/]
]

/** As what a page shows an artifact; null when it only offers to download it. */
export function previewKind({ name, bytes }: { name: string; bytes: number }): PreviewKind | null {
  const kind = KINDS.find(([, names]) => names.test(name))?.[0] ?? null
  return kind === 'image' && bytes > MAX_IMAGE_BYTES ? null : kind
}
