export type Attributes = Readonly<Record<string, string | number | undefined>>

/** A picture that is part of a page, so that it takes the colour of the page's text in light and in dark. */
export interface Picture {
  /** Unique on its page. */
  readonly id: string
  /** What it shows, as a screen reader says it first. */
  readonly title: string
  /** What there is to be seen, in words. */
  readonly desc: string
  /** Beneath it, for everybody. */
  readonly caption: string
  readonly width: number
  readonly height: number
  readonly body: readonly string[]
}

/** An element of SVG; numbers are rounded to what can be seen. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? rounded(value) : escaped(value ?? '')}"`)
  return children.length === 0 ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${children.join('')}</${name}>`
}

export interface TextStyle {
  readonly anchor?: 'start' | 'middle' | 'end' | undefined
  readonly size?: number | undefined
  readonly bold?: boolean | undefined
  readonly class?: string | undefined
  readonly opacity?: number | undefined
}

/** @param y of the middle of the letters */
export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { anchor = 'start', size = 13, bold = false, opacity } = style
  const attributes = { x, y, 'text-anchor': anchor, 'dominant-baseline': 'central', 'font-size': size, 'fill-opacity': opacity }
  return element(
    'text',
    { ...attributes, class: style.class, 'font-weight': bold ? 'bold' : undefined, fill: 'currentColor' },
    escaped(content),
  )
}

export function line(x1: number, y1: number, x2: number, y2: number, attributes: Attributes = {}): string {
  return element('line', { x1, y1, x2, y2, stroke: 'currentColor', ...attributes })
}

/** On one line: a blank one would end the block of HTML. */
export function figure({ id, title, desc, caption, width, height, body }: Picture): string {
  const named = `${id}-title ${id}-desc`
  const drawing = element(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-labelledby': named, 'font-family': 'inherit', color: 'currentColor' },
    element('title', { id: `${id}-title` }, escaped(title)),
    element('desc', { id: `${id}-desc` }, escaped(desc)),
    ...body,
  )
  return `<figure class="picture">${drawing}<figcaption>${escaped(caption)}</figcaption></figure>`
}

/** Also for Vue, which reads the page as a template. */
function escaped(content: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '{': '&#123;', '}': '&#125;' }
  return content.replaceAll(/[&<>"{}]/g, (character) => entities[character] ?? character)
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10)
}
