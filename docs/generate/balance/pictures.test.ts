import { describe, expect, it } from 'vitest'
import { barChart } from './bar-chart.ts'
import { gantt } from './gantt.ts'
import { lanes } from './lanes.ts'
import { lineChart } from './line-chart.ts'
import { matrix } from './matrix.ts'
import { pictures } from './parts.ts'
import { figure, type Picture } from './svg.ts'

const words = { id: 'p', title: 'A picture', desc: 'What it shows.', caption: 'Beneath.' }

function valuesOf({ body }: Picture, attribute: string): number[] {
  return [...body.join('').matchAll(new RegExp(` ${attribute}="(-?[\\d.]+)"`, 'g'))].map(([, value]) => Number(value))
}

describe('every picture of the pages', () => {
  it.each(Object.keys(pictures))('%s has words, no colour of its own, and nothing outside of its frame', async (name) => {
    const picture = await pictures[name]?.()
    if (!picture) throw new Error('it is not there')
    const html = figure(picture)
    expect(html).not.toMatch(/NaN|undefined|Infinity%/)
    expect([picture.title, picture.desc, picture.caption].filter((each) => each.trim().length < 20)).toEqual([])
    const colours = [...html.matchAll(/ (?:fill|stroke|color)="([^"]*)"/g)].map(([, colour]) => colour)
    expect([...new Set(colours)].filter((colour) => colour !== 'currentColor' && colour !== 'none')).toEqual([])
    for (const attribute of ['x', 'cx', 'x1', 'x2']) {
      expect(valuesOf(picture, attribute).filter((value) => value < 0 || value > picture.width)).toEqual([])
    }
    for (const attribute of ['y', 'cy', 'y1', 'y2']) {
      expect(valuesOf(picture, attribute).filter((value) => value < 0 || value > picture.height)).toEqual([])
    }
  })

  it('is the same each time: nothing in it is left to chance', async () => {
    for (const draw of Object.values(pictures)) expect(await draw()).toEqual(await draw())
  })
})

describe('lanes', () => {
  const drawn = lanes({
    ...words,
    lanes: ['a', 'b'],
    panels: [{ name: 'one', picks: [0, 1, -1, 0] }],
    events: [{ before: 2, label: 'b is down' }],
  })

  it('has no dot where nobody was picked, and one in the lane of each pick', () => {
    const heights = valuesOf(drawn, 'cy')
    expect(heights).toHaveLength(3)
    expect(heights[0]).toBe(heights[2])
    expect(heights[1]).toBeGreaterThan(heights[0] ?? 0)
  })

  it('says the order in words as well', () => {
    expect(drawn.desc).toBe('one: a b nobody a. After pick 2: b is down.')
  })
})

it('a line chart puts its corners where the axes begin and end', () => {
  const axis = { label: 'x', from: 0, to: 10, ticks: [0, 10] }
  const drawn = lineChart({
    ...words,
    x: axis,
    y: axis,
    lines: [
      {
        name: 'l',
        look: 'accent',
        points: [
          [0, 0],
          [10, 10],
        ],
      },
    ],
  })
  const [path = ''] = drawn.body.filter((each) => each.startsWith('<path')).slice(-1)
  expect(path).toContain('d="M52 220L464 30"')
})

it('a bar of half the greatest value is half as high', () => {
  const drawn = barChart({ ...words, labels: ['a', 'b'], series: [{ name: 's', values: [10, 5] }], axis: 'n' })
  const [, high = 0, half = 0] = valuesOf(drawn, 'height')
  expect(half).toBe(high / 2)
})

it('a matrix tells in words which cells stand out', () => {
  const drawn = matrix({
    ...words,
    corner: 'key',
    columns: ['x', 'y'],
    rows: [{ name: 'k', cells: [{ text: '1', filled: true }, { text: '' }] }],
    filledMeans: 'first',
  })
  expect(drawn.desc).toContain('k: x 1 (first), y none.')
})

it('who got nothing has a bar for its wait, and none for being served', () => {
  const stay = { name: '1', cameMs: 10, endedMs: 60, told: 'timeout' }
  const drawn = gantt({ ...words, stays: [stay], untilMs: 100, ticksMs: [0, 100] })
  expect(drawn.body.filter((each) => each.startsWith('<rect'))).toHaveLength(1)
  expect(drawn.desc).toBe('Request 1 comes at 10 ms, waits 50 ms: timeout.')
})
