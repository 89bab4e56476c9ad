import { escaped, lengthText, timeText } from './html-text.ts'
import { timeline } from './html-timeline.ts'
import { boundsOf } from './promise.ts'
import type { Incident, IncidentKind, Promised, RouterReport, ShadowReport, Stretch } from './report-types.ts'

const KINDS: Readonly<Record<IncidentKind, string>> = {
  'two-masters': 'Two masters at the same time',
  'orphaned-address': 'Taken over, and the old master still had the address',
  'two-holders': 'Two holders of an address',
  'no-master': 'No master',
  takeover: 'The master fell silent, and was replaced',
  outage: 'The check failed',
  'hand-over': 'The master resigned, and was replaced',
  preemption: 'A router that counts more took over',
  'adverts-lost': 'Adverts were lost',
}

const STYLE = `
:root{color-scheme:light dark;--ink:#1a2420;--paper:#fff;--soft:#5b6963;--line:#d5ddd9;--good:#0f5c46;--hold:#3b6fb6;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--ink:#e6ece9;--paper:#131a17;--soft:#9aa8a2;--line:#33403a;--good:#4fb893;--hold:#7aa7e8;--bad:#ff897d}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:1000px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}h3{margin-bottom:.3rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line)}
th{font-weight:600;color:var(--soft)}.bad{color:var(--bad);fill:var(--bad)}.soft{color:var(--soft)}
svg{width:100%;height:auto}svg text{font-size:12px;fill:var(--ink)}svg text.axis{font-size:11px;fill:var(--soft)}svg line{stroke:var(--line)}
svg rect.master{fill:var(--good)}svg rect.holder{fill:var(--hold)}
article{border:1px solid var(--line);border-radius:6px;padding:.2rem 1rem .8rem;margin:1rem 0}
.tag{font-size:.75rem;border:1px solid var(--line);border-radius:4px;padding:0 .4em;color:var(--soft)}
ol{padding-left:1.2rem}li{margin:.1rem 0}code{font-size:.9em}`

/** The report as one page that needs nothing else: no script, nothing from elsewhere. */
export function renderHtml(report: ShadowReport): string {
  const from = Math.min(report.updatedAt, ...report.runs.map((run) => run.from))
  const watched = report.runs.reduce((sum, run) => sum + (run.to ?? report.updatedAt) - run.from, 0)
  const { ttlMs, check, probeEveryMs } = report.settings
  const bounds = boundsOf(ttlMs)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>keepalived beside Hotspare: ${escaped(report.host)}</title><style>${STYLE}</style></head><body>
<h1>keepalived, watched by Hotspare</h1>
<p>On <b>${escaped(report.host)}</b>, from ${timeText(from)} to ${timeText(report.updatedAt)} (UTC); watched for ${lengthText(watched)} in ${report.runs.length} ${report.runs.length === 1 ? 'run' : 'runs'}. Configuration: <code>${escaped(report.file)}</code>.</p>
${summary(report)}
<h2>What is measured, and what is computed</h2>
<p><span class="tag">measured</span> Adverts and claims of addresses, with the kernel's time of each frame, as they passed this machine. Every ${lengthText(probeEveryMs)} it was asked who has each address, and looked whether there is ${escaped(check)}: stretches of these are exact to about that time. Somebody whose frames do not come here is not seen.</p>
<p><span class="tag">computed</span> What Hotspare would have done. Whether something moves is said by its own decision, given what was seen; when, by the time chain of a lease of ${lengthText(ttlMs)}: a node that dies is replaced after ${lengthText(bounds.takeoverMs.least)} to ${lengthText(bounds.takeoverMs.most)}; its silence alone is known after ${lengthText(bounds.detectionMs)}, and moves nothing. A master is known to live with each advert: its death may have been up to an advert interval after the last one, and the computed times allow for that. Nothing of it was tried here.</p>
<p class="soft">Lost to this watch: ${report.observer.framesDropped} frames; its own longest pause was ${lengthText(report.observer.longestPauseMs)}; its interface was down for ${lengthText(report.observer.blindMs)}, and what happened then is not in here.</p>
${report.notes.length === 0 ? '' : `<h3>Notes</h3><ul>${report.notes.map((note) => `<li>${escaped(note)}</li>`).join('')}</ul>`}
${report.routers.map((router) => routerPart(router, from, report.updatedAt)).join('\n')}
</body></html>
`
}

function summary({ routers }: ShadowReport): string {
  const rows = routers.map(({ name, totals, addresses }) => {
    return `<tr><td>${escaped(name)}<br><span class="soft">${escaped(addresses.slice(0, 4).join(', '))}${addresses.length > 4 ? ', ...' : ''}</span></td><td>${totals.takeovers}</td>${sumCell(totals.twoMastersMs)}${sumCell(totals.twoHoldersMs)}${sumCell(totals.outageMs)}<td>${totals.advertsLost} of ${totals.adverts + totals.advertsLost}</td></tr>`
  })
  return `<table><tr><th>Virtual router</th><th>New masters</th><th>Two masters</th><th>Two holders</th><th>Check failed</th><th>Adverts lost</th></tr>${rows.join('')}</table>`
}

function sumCell(ms: number): string {
  return `<td${ms > 0 ? ' class="bad"' : ''}>${lengthText(ms)}</td>`
}

function routerPart(router: RouterReport, from: number, to: number): string {
  const { name, routerId, version, advertMs, totals, incidents } = router
  const left = totals.incidents - incidents.length
  const shown = incidents.toReversed().map(incidentPart).join('\n')
  return `<h2>${escaped(name)}</h2>
<p>Virtual router ${routerId} on <code>${escaped(router.interface)}</code>, VRRP version ${version}, an advert each ${lengthText(advertMs)}; ${totals.adverts} adverts, ${totals.advertsRefused} refused; ${totals.probes} checks, ${totals.probesFailed} failed.</p>
${timeline(router, from, to)}
${incidents.length === 0 ? '<p>Nothing happened.</p>' : shown}
${left > 0 ? `<p class="soft">${left} older incidents are no longer kept; the totals count them.</p>` : ''}`
}

function incidentPart(incident: Incident): string {
  const { kind, from, to, before, after, events, moreEvents } = incident
  const span = to === null ? 'goes on' : `for ${lengthText(to - from)}`
  const told = events.map(({ at, text }) => `<li><code>${timeText(at)}</code> ${escaped(text)}</li>`).join('')
  return `<article><h3 class="${isBad(kind) ? 'bad' : ''}">${KINDS[kind]}</h3>
<p class="soft">${timeText(from)} UTC, ${span}${before === null ? '' : `; ${escaped(before)}`}${after === null ? '' : ` → ${escaped(after)}`}</p>
<ol>${told}</ol>${moreEvents > 0 ? `<p class="soft">and ${moreEvents} more</p>` : ''}
<table><tr><th></th><th>keepalived <span class="tag">measured</span></th>${incident.promised.map((each) => `<th>Hotspare, <code>${each.onControlLoss}</code> <span class="tag">computed</span></th>`).join('')}</tr>
<tr><th>What</th><td>${escaped(KINDS[kind])}</td>${cells(incident, (each) => escaped(`${WORDS[each.action]}: ${each.because}`))}</tr>
<tr><th>Takeover</th><td>${incident.takeoverMs === null ? 'none' : lengthText(incident.takeoverMs)}</td>${cells(incident, takeoverText)}</tr>
<tr><th>Two holders</th><td>${stretches(incident.twoHolders, to)}</td>${cells(incident, (each) => escaped(each.holders))}</tr>
<tr><th>Two masters</th><td>${stretches(incident.twoMasters, to)}</td>${cells(incident, () => 'none: one right, with one token')}</tr>
<tr><th>Check failed</th><td>${stretches(incident.outages, to)}</td>${cells(incident, (each) => outageText(each, incident))}</tr></table>
<p class="soft">Assuming ${escaped(incident.promised[0]?.assuming ?? '')}.</p></article>`
}

const WORDS: Readonly<Record<Promised['action'], string>> = {
  take: 'The standby takes over',
  'hand-over': 'It is handed over',
  wait: 'Nothing moves, and people are told',
  nothing: 'Nothing moves',
}

function cells({ promised }: Incident, text: (each: Promised) => string): string {
  return promised.map((each) => `<td>${text(each)}</td>`).join('')
}

function takeoverText({ takeoverMs, action }: Promised): string {
  if (takeoverMs) return `${lengthText(takeoverMs.least)} to ${lengthText(takeoverMs.most)} after the last advert`
  return action === 'hand-over' ? 'at once: no timer is waited for' : 'none'
}

function outageText({ action, takeoverMs }: Promised, { kind, outages }: Incident): string {
  if (takeoverMs) return `at most ${lengthText(takeoverMs.most)}, if the master was gone`
  if (action !== 'hand-over') return 'not for this'
  // Only an orderly stop is known beforehand; a service that fails has to be found out here too.
  const isOrderly = kind === 'hand-over' && outages.length <= 1
  return isOrderly ? 'while it is handed over' : 'until its own check says down, and while it is handed over'
}

/** How long, all in all; an incident that goes on has no end yet. */
function stretches(all: readonly Stretch[], to: number | null): string {
  if (all.length === 0) return 'none'
  const ms = all.reduce((sum, stretch) => sum + Math.max(0, (stretch.to ?? to ?? stretch.from) - stretch.from), 0)
  const goesOn = all.some((stretch) => stretch.to === null)
  return `<span class="bad">${lengthText(ms)}${goesOn ? ', and it goes on' : ''}</span>${all.length > 1 ? `, ${all.length} times` : ''}`
}

function isBad(kind: IncidentKind): boolean {
  return kind === 'two-masters' || kind === 'orphaned-address' || kind === 'two-holders' || kind === 'no-master' || kind === 'outage'
}
