import { element, line, type Picture, text } from './svg.ts'

export interface Axis {
  readonly label: string
  readonly from: number
  readonly to: number
  readonly ticks: readonly number[]
}

export interface ChartLine {
  readonly name: string
  /** Left to right. */
  readonly points: readonly (readonly [x: number, y: number])[]
  /** How it is told from the others, beside its place in the legend: by more than a colour. */
  readonly look: 'accent' | 'plain' | 'dashed' | 'dots'
}

export interface LineChart extends Pick<Picture, 'id' | 'title' | 'desc' | 'caption'> {
  readonly x: Axis
  readonly y: Axis
  readonly lines: readonly ChartLine[]
}

const WIDTH = 480
const LEFT = 52
const RIGHT = 16
const ROW = 20
const PLOT_HEIGHT = 190
const FOOT = 46

/** Lines over two axes, each line named in a legend above them. */
export function lineChart({ x, y, lines, ...words }: LineChart): Picture {
  const top = lines.length * ROW + 10
  const bottom = top + PLOT_HEIGHT
  const across = (value: number) => LEFT + ((value - x.from) / (x.to - x.from)) * (WIDTH - LEFT - RIGHT)
  const down = (value: number) => bottom - ((value - y.from) / (y.to - y.from)) * PLOT_HEIGHT
  const legend = lines.flatMap((each, row) => [
    each.look === 'dots' ? dot(LEFT + 14, ROW / 2 + row * ROW) : stroke(each, `M${LEFT} ${ROW / 2 + row * ROW}h28`),
    text(LEFT + 36, ROW / 2 + row * ROW, each.name),
  ])
  const grid = [
    ...y.ticks.flatMap((tick) => [
      line(LEFT, down(tick), WIDTH - RIGHT, down(tick), { 'stroke-opacity': 0.2 }),
      text(LEFT - 8, down(tick), tick.toLocaleString('en'), { anchor: 'end' }),
    ]),
    ...x.ticks.map((tick) => text(across(tick), bottom + 14, tick.toLocaleString('en'), { anchor: 'middle' })),
    line(LEFT, bottom, WIDTH - RIGHT, bottom),
    text((LEFT + WIDTH - RIGHT) / 2, bottom + 34, `${x.label}; upwards: ${y.label}`, { anchor: 'middle' }),
  ]
  const drawn = lines.flatMap((each) => {
    const places = each.points.map(([at, value]) => [across(at), down(value)] as const)
    if (each.look === 'dots') return places.map(([px, py]) => dot(px, py))
    return [stroke(each, `M${places.map(([px, py]) => `${tenth(px)} ${tenth(py)}`).join('L')}`)]
  })
  return { ...words, width: WIDTH, height: bottom + FOOT, body: [...legend, ...grid, ...drawn] }
}

function stroke({ look }: ChartLine, path: string): string {
  return element('path', {
    d: path,
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': look === 'accent' ? 2.5 : 1.5,
    'stroke-dasharray': look === 'dashed' ? '6 4' : undefined,
    class: look === 'accent' ? 'accent' : undefined,
  })
}

function dot(cx: number, cy: number): string {
  return element('circle', { cx, cy, r: 2, fill: 'currentColor', 'fill-opacity': 0.6 })
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10
}
