import { element, line, type Picture, text } from './svg.ts'

export interface BarChart extends Pick<Picture, 'id' | 'title' | 'desc' | 'caption'> {
  /** Under each group of bars. */
  readonly labels: readonly string[]
  /** What each bar of a group stands for; the last one is filled with the accent, the others are paler from the left. */
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[]
  readonly axis: string
  /** A line across, with its name. */
  readonly limit?: { readonly name: string; readonly value: number } | undefined
}

const WIDTH = 480
const SIDE = 16
const ROW = 20
const PLOT_HEIGHT = 150
const LABELS = 18

/** Groups of bars with their values on top. */
export function barChart({ labels, series, axis, limit, ...words }: BarChart): Picture {
  const top = (series.length + (limit ? 1 : 0)) * ROW + 24
  const bottom = top + PLOT_HEIGHT
  const most = Math.max(1, limit?.value ?? 0, ...series.flatMap(({ values }) => values))
  const group = (WIDTH - 2 * SIDE) / labels.length
  const bar = (group * 0.84) / series.length
  const rise = (value: number) => (value / most) * PLOT_HEIGHT
  const legend = series.flatMap(({ name }, place) => [
    box(SIDE, place * ROW + 4, 24, ROW - 8, place, series.length),
    text(SIDE + 32, place * ROW + ROW / 2, name),
  ])
  const bars = series.flatMap(({ values }, place) =>
    values.flatMap((value, index) => {
      const x = SIDE + index * group + group * 0.08 + place * bar
      const number = text(x + bar / 2, bottom - rise(value) - 8, String(value), { anchor: 'middle', size: 11 })
      return [box(x, bottom - rise(value), bar * 0.92, rise(value), place, series.length), number]
    }),
  )
  const foot = [
    line(SIDE, bottom, WIDTH - SIDE, bottom),
    ...labels.map((label, index) => text(SIDE + (index + 0.5) * group, bottom + 12, label, { anchor: 'middle' })),
    text(WIDTH / 2, bottom + LABELS + 14, axis, { anchor: 'middle' }),
  ]
  const across = limit
    ? [
        line(SIDE, series.length * ROW + ROW / 2, SIDE + 24, series.length * ROW + ROW / 2, { 'stroke-dasharray': '6 4' }),
        text(SIDE + 32, series.length * ROW + ROW / 2, limit.name),
        line(SIDE, bottom - rise(limit.value), WIDTH - SIDE, bottom - rise(limit.value), { 'stroke-dasharray': '6 4' }),
      ]
    : []
  return { ...words, width: WIDTH, height: bottom + LABELS + 28, body: [...legend, ...bars, ...foot, ...across] }
}

function box(x: number, y: number, width: number, height: number, place: number, of: number): string {
  const isLast = place === of - 1
  return element('rect', {
    x,
    y,
    width,
    height,
    fill: 'currentColor',
    'fill-opacity': isLast ? 0.9 : 0.15 + (0.4 * place) / of,
    stroke: 'currentColor',
    class: isLast ? 'accent' : undefined,
  })
}
