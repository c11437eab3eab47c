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

/** `312 MiB`, `1.5 GiB`: as memory is counted. */
export function memorySize(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${value.toFixed(unit === 0 || value >= 99.5 || Number.isInteger(value) ? 0 : 1)} ${units[unit]}`
}
