import { escaped, timeText } from './html-text.ts'
import type { RouterReport, Tenure } from './report-types.ts'

const WIDTH = 960
const LABEL = 210
const LANE = 22
/** More lanes than this are no picture any more. */
const MAX_LANES = 24

interface Lane {
  readonly label: string
  readonly kind: 'master' | 'holder' | 'bad'
  readonly bars: readonly { readonly from: number; readonly to: number | null; readonly title: string }[]
}

/** Who spoke as master, who answered for the addresses, and what was wrong: as a picture, a lane for each. */
export function timeline(router: RouterReport, from: number, to: number): string {
  const shown = lanesOf(router).slice(0, MAX_LANES)
  if (shown.length === 0 || to <= from) return '<p>Nothing was heard.</p>'
  const x = (at: number) => LABEL + ((Math.min(Math.max(at, from), to) - from) / (to - from)) * (WIDTH - LABEL)
  const height = shown.length * LANE + 24
  const rows = shown.map(({ label, kind, bars }, index) => {
    const y = index * LANE
    const drawn = bars
      .filter((bar) => (bar.to ?? to) >= from)
      .map((bar) => {
        // Even a moment is to be seen.
        const width = Math.max(1.5, x(bar.to ?? to) - x(bar.from))
        return `<rect class="${kind}" x="${x(bar.from).toFixed(1)}" y="${y + 4}" width="${width.toFixed(1)}" height="${LANE - 8}"><title>${escaped(bar.title)}</title></rect>`
      })
    return `<text x="0" y="${y + LANE - 7}">${escaped(label)}</text><line x1="${LABEL}" x2="${WIDTH}" y1="${y + LANE}" y2="${y + LANE}"/>${drawn.join('')}`
  })
  const axis = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle'
    const at = from + share * (to - from)
    return `<text class="axis" text-anchor="${anchor}" x="${x(at).toFixed(1)}" y="${height - 6}">${escaped(timeText(at).slice(0, 19))}</text>`
  })
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Time line of ${escaped(router.name)}">${rows.join('')}${axis.join('')}</svg>`
}

function lanesOf(router: RouterReport): readonly Lane[] {
  const bad = router.incidents.flatMap(({ twoMasters }) => twoMasters)
  const holders = router.incidents.flatMap(({ twoHolders }) => twoHolders)
  const outages = router.incidents.flatMap(({ outages: each }) => each)
  const trouble: readonly Lane[] = [
    { label: 'two masters', kind: 'bad', bars: bad.map((bar) => ({ ...bar, title: 'two masters' })) },
    { label: 'two holders', kind: 'bad', bars: holders.map((bar) => ({ ...bar, title: 'two holders' })) },
    { label: 'check fails', kind: 'bad', bars: outages.map((bar) => ({ ...bar, title: 'the check fails' })) },
  ]
  return [
    ...lanes('master', router.masters, true),
    ...lanes('holder', router.holders, router.addresses.length === 1),
    ...trouble.filter(({ bars }) => bars.length > 0),
  ]
}

function lanes(kind: 'master' | 'holder', tenures: readonly Tenure[], isOneAddress: boolean): readonly Lane[] {
  const grouped = new Map<string, Tenure[]>()
  for (const tenure of tenures) {
    const label = isOneAddress ? tenure.who : `${tenure.what} ${tenure.who}`
    const same = grouped.get(label)
    if (same) same.push(tenure)
    else grouped.set(label, [tenure])
  }
  return [...grouped].map(([label, bars]) => ({
    label: kind === 'master' ? `master ${label}` : isOneAddress ? `holder ${label}` : label,
    kind,
    bars: bars.map((bar) => ({ ...bar, title: `${label}: ${timeText(bar.from)} to ${bar.to === null ? 'now' : timeText(bar.to)}` })),
  }))
}
