import type { RingPoint } from '@hotspare/balance'
import { element, line, type Picture, text } from './svg.ts'

export interface RingPicture extends Pick<Picture, 'id' | 'title' | 'desc' | 'caption'> {
  readonly points: readonly RingPoint[]
  /** Of the hosts, by index. */
  readonly names: readonly string[]
  readonly keys: readonly { readonly name: string; readonly hash: bigint; readonly owner: number }[]
}

const WIDTH = 480
const HEIGHT = 340
const MIDDLE = { x: WIDTH / 2, y: HEIGHT / 2 }
const RADIUS = 108
const FULL = 2n ** 64n

/** A ring of 64-bit hashes, 0 at the top, clockwise: dots are points of hosts, triangles are keys. */
export function ringPicture({ points, names, keys, ...words }: RingPicture): Picture {
  const body = [
    element('circle', { cx: MIDDLE.x, cy: MIDDLE.y, r: RADIUS, fill: 'none', stroke: 'currentColor', 'stroke-opacity': 0.5 }),
    line(MIDDLE.x, MIDDLE.y - RADIUS - 6, MIDDLE.x, MIDDLE.y - RADIUS + 6),
    text(MIDDLE.x, MIDDLE.y - RADIUS + 18, '0', { anchor: 'middle', size: 12 }),
    ...points.flatMap(({ hash, index }, number) => {
      const at = place(hash, RADIUS)
      const label = place(hash, RADIUS + 18 + crowd(points, number) * 14)
      return [
        element('circle', { cx: at.x, cy: at.y, r: 5, fill: 'currentColor' }),
        text(label.x, label.y, names[index] ?? '', { anchor: 'middle', bold: true }),
      ]
    }),
    ...keys.flatMap(({ name, hash, owner }) => {
      const at = place(hash, RADIUS - 8)
      const label = place(hash, RADIUS - 44)
      const degrees = turnOf(hash) * 360
      return [
        element('path', {
          d: 'M0 -7L6 6H-6Z',
          transform: `translate(${at.x.toFixed(1)} ${at.y.toFixed(1)}) rotate(${degrees.toFixed(1)})`,
          fill: 'currentColor',
          class: 'accent',
        }),
        text(label.x, label.y, `${name}: ${names[owner] ?? ''}`, { anchor: 'middle', size: 12, class: 'accent' }),
      ]
    }),
  ]
  return { ...words, width: WIDTH, height: HEIGHT, body }
}

/** How many points lie so close before this one that their names would overlap. */
function crowd(points: readonly RingPoint[], number: number): number {
  const [point, before] = [points[number], points[number - 1]]
  if (!point || !before || turnOf(point.hash) - turnOf(before.hash) > 0.02) return 0
  return 1 + crowd(points, number - 1)
}

function turnOf(hash: bigint): number {
  return Number((hash * 1_000_000n) / FULL) / 1_000_000
}

function place(hash: bigint, radius: number): { readonly x: number; readonly y: number } {
  const angle = turnOf(hash) * 2 * Math.PI
  return { x: MIDDLE.x + radius * Math.sin(angle), y: MIDDLE.y - radius * Math.cos(angle) }
}
