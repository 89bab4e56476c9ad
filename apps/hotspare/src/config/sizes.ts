import type { Reading } from './addresses.ts'

const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 1_024, MiB: 1_048_576, GiB: 1_073_741_824 }
const SIZE = /^(\d{1,9})(B|[KMG]iB)$/

/** Bounds in bytes. */
export interface SizeBounds {
  readonly least: number
  readonly most: number
}

/** `512B`, `16KiB`, `10MiB`, `2GiB`, in bytes. */
export function readSize(text: string, { least, most }: SizeBounds): Reading<number> {
  const [, digits, unit = ''] = SIZE.exec(text) ?? []
  const bytes = Number(digits) * (UNITS[unit] ?? Number.NaN)
  if (Number.isNaN(bytes)) return { ok: false, hint: 'write a whole number and a unit, like 512B, 16KiB, 10MiB or 2GiB' }
  if (bytes < least) return { ok: false, hint: `the least here is ${formatSize(least)}` }
  if (bytes > most) return { ok: false, hint: `the most here is ${formatSize(most)}` }
  return { ok: true, value: bytes }
}

/** In the largest unit in which it is a whole number. */
export function formatSize(bytes: number): string {
  const [unit, factor] = Object.entries(UNITS).findLast(([, each]) => bytes >= each && bytes % each === 0) ?? ['B', 1]
  return `${bytes / factor}${unit}`
}
