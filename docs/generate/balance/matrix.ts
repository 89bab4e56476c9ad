import { element, type Picture, text } from './svg.ts'

export interface Cell {
  readonly text: string
  /** Stands out. */
  readonly filled?: boolean | undefined
}

export interface Matrix extends Pick<Picture, 'id' | 'title' | 'caption'> {
  /** What the rows and the columns are. */
  readonly corner: string
  readonly columns: readonly string[]
  readonly rows: readonly { readonly name: string; readonly cells: readonly Cell[] }[]
  /** What a cell that stands out means. */
  readonly filledMeans: string
}

const WIDTH = 480
const LEFT = 116
const ROW = 26

/** A table of short words, some of which stand out. */
export function matrix({ corner, columns, rows, filledMeans, ...words }: Matrix): Picture {
  const wide = (WIDTH - LEFT) / columns.length
  const heads = columns.map((name, column) => text(LEFT + (column + 0.5) * wide, ROW / 2, name, { anchor: 'middle', bold: true, size: 12 }))
  const body = rows.flatMap(({ name, cells }, row) => [
    text(0, (row + 1.5) * ROW, name, { size: 12 }),
    ...cells.flatMap((cell, column) => drawn(cell, LEFT + column * wide, (row + 1) * ROW, wide)),
  ])
  const desc = `${words.title}. ${rows
    .map(
      ({ name, cells }) =>
        `${name}: ${cells.map((cell, column) => `${columns[column]} ${cell.text || 'none'}${cell.filled ? ` (${filledMeans})` : ''}`).join(', ')}.`,
    )
    .join(' ')}`
  return {
    ...words,
    desc,
    width: WIDTH,
    height: (rows.length + 1) * ROW + 4,
    body: [text(0, ROW / 2, corner, { size: 12, opacity: 0.8 }), ...heads, ...body],
  }
}

function drawn(cell: Cell, x: number, y: number, wide: number): string[] {
  const frame = { x: x + 1, y: y + 1, width: wide - 2, height: ROW - 2, rx: 3, stroke: 'currentColor' }
  return [
    cell.filled
      ? element('rect', { ...frame, fill: 'currentColor', 'fill-opacity': 0.18, 'stroke-width': 2, class: 'accent' })
      : element('rect', { ...frame, fill: 'none', 'stroke-opacity': 0.2 }),
    text(x + wide / 2, y + ROW / 2, cell.text, { anchor: 'middle', size: 12, bold: cell.filled }),
  ]
}
