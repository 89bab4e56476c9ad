import { element, line, type Picture, text } from './svg.ts'

/** One request, in milliseconds since the start of the picture. */
export interface Stay {
  readonly name: string
  readonly cameMs: number
  /** When it got a target; undefined where it got none. */
  readonly servedMs?: number | undefined
  readonly endedMs: number
  /** What became of it. */
  readonly told: string
}

export interface Gantt extends Pick<Picture, 'id' | 'title' | 'caption'> {
  readonly stays: readonly Stay[]
  readonly untilMs: number
  readonly ticksMs: readonly number[]
}

const WIDTH = 480
const LEFT = 24
const RIGHT = 104
const ROW = 24

/** Requests over time: an empty bar while one waits, a full one while it is served. */
export function gantt({ stays, untilMs, ticksMs, ...words }: Gantt): Picture {
  const across = (atMs: number) => LEFT + (atMs / untilMs) * (WIDTH - LEFT - RIGHT)
  const bottom = stays.length * ROW + 4
  const bar = (fromMs: number, toMs: number, y: number, attributes: Record<string, string | number>) =>
    element('rect', {
      x: across(fromMs),
      y: y + 5,
      width: across(toMs) - across(fromMs),
      height: ROW - 10,
      stroke: 'currentColor',
      ...attributes,
    })
  const body = stays.flatMap(({ name, cameMs, servedMs, endedMs, told }, row) => {
    const y = row * ROW
    const leftMs = servedMs ?? endedMs
    return [
      text(0, y + ROW / 2, name),
      ...(leftMs > cameMs ? [bar(cameMs, leftMs, y, { fill: 'none', 'stroke-dasharray': '3 2' })] : []),
      ...(servedMs === undefined ? [] : [bar(servedMs, endedMs, y, { fill: 'currentColor', 'fill-opacity': 0.5, class: 'accent' })]),
      text(across(endedMs) + 6, y + ROW / 2, told, { size: 12 }),
    ]
  })
  const axis = [
    line(LEFT, bottom, WIDTH - RIGHT, bottom),
    ...ticksMs.map((tick) => text(across(tick), bottom + 14, `${tick} ms`, { anchor: 'middle', size: 12 })),
  ]
  const desc = stays
    .map(({ name, cameMs, servedMs, endedMs, told }) => {
      const waited = (servedMs ?? endedMs) - cameMs
      return `Request ${name} comes at ${cameMs} ms, ${waited > 0 ? `waits ${waited} ms` : 'does not wait'}: ${told}.`
    })
    .join(' ')
  return { ...words, desc, width: WIDTH, height: bottom + 28, body: [...body, ...axis] }
}
