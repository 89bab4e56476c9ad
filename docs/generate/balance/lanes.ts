import { element, line, type Picture, text } from './svg.ts'

export interface LanePanel {
  readonly name: string
  /** The lane of each pick, in order; -1 where nobody could be picked. */
  readonly picks: readonly number[]
}

export interface Lanes extends Pick<Picture, 'id' | 'title' | 'caption'> {
  readonly lanes: readonly string[]
  readonly panels: readonly LanePanel[]
  /** Something that happens right before a pick, counted from 0. */
  readonly events?: readonly { readonly before: number; readonly label: string }[] | undefined
}

const WIDTH = 480
const LEFT = 34
const RIGHT = 8
const ROW = 20
const HEAD = 22

/** Who is picked, one after the other: a lane for each target, a dot for each pick. */
export function lanes({ lanes: names, panels, events = [], ...words }: Lanes): Picture {
  const most = Math.max(...panels.map(({ picks }) => picks.length))
  const step = (WIDTH - LEFT - RIGHT) / most
  const across = (pick: number) => LEFT + (pick + 0.5) * step
  const start = events.length > 0 ? ROW * events.length + 4 : 0
  const tall = HEAD + names.length * ROW + 8
  const body = panels.flatMap(({ name, picks }, panel) => {
    const top = start + panel * tall
    const middle = (lane: number) => top + HEAD + (lane + 0.5) * ROW
    return [
      text(0, top + HEAD / 2, name, { bold: true }),
      ...names.flatMap((lane, index) => [
        text(LEFT - 10, middle(index), lane, { anchor: 'end' }),
        line(LEFT, middle(index), WIDTH - RIGHT, middle(index), { 'stroke-opacity': 0.2 }),
      ]),
      ...picks.flatMap((lane, pick) => (lane < 0 ? [] : [dot(across(pick), middle(lane), Math.min(6.5, step * 0.42))])),
    ]
  })
  const height = start + panels.length * tall
  const marks = events.flatMap(({ before, label }, index) => {
    const x = LEFT + before * step
    const y = ROW * (index + 0.5)
    return [
      line(x, y + 8, x, height - 8, { 'stroke-dasharray': '3 3' }),
      text(x, y, label, { anchor: x > WIDTH / 2 ? 'end' : 'start', size: 12 }),
    ]
  })
  return { ...words, desc: described(names, panels, events), width: WIDTH, height, body: [...body, ...marks] }
}

function dot(cx: number, cy: number, r: number): string {
  return element('circle', { cx, cy, r, fill: 'currentColor', class: 'accent' })
}

function described(names: readonly string[], panels: readonly LanePanel[], events: NonNullable<Lanes['events']>): string {
  const orders = panels.map(({ name, picks }) => `${name}: ${picks.map((lane) => names[lane] ?? 'nobody').join(' ')}.`)
  return [...orders, ...events.map(({ before, label }) => `After pick ${before}: ${label}.`)].join(' ')
}
