const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB']

/** `812 bytes`, `1.2 kB`, `34 MB`: thousands, as disks count. */
export function size(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1
  return `${value.toFixed(digits)} ${UNITS[unit]}`
}
