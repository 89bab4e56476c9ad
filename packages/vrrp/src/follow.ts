import type { Advert } from './advert.ts'
import { followDefaults } from './defaults.ts'
import type { Ending, FollowEvent, FollowRules, FollowStep, FormerMaster, RouterState, Speaker } from './follow-types.ts'
import { masterDownMs } from './timers.ts'

/** Multicast adverts never cross a router (RFC 9568 section 5.1.1.3). */
const TTL = 255

/** A virtual router of which nothing was heard yet. */
export function initialRouter(): RouterState {
  return { speakers: [], former: undefined, overlap: undefined, adverts: 0, lost: 0, refused: 0 }
}

/**
 * Takes in an advert. What a router must drop by its RFC is counted, and changes nothing else.
 *
 * @param atMs when it came, never before what was taken in last
 */
export function followAdvert(
  before: RouterState,
  heard: { readonly advert: Advert; readonly hardware: string },
  atMs: number,
  rules: FollowRules = {},
): FollowStep {
  const { advert, hardware } = heard
  if (advert.checksum === 'wrong' || (advert.ttl !== TTL && isMulticast(advert.destination))) {
    return { state: { ...before, refused: before.refused + 1 }, events: [] }
  }
  const looked = followSilence(before, atMs, rules)
  const counted = { ...looked.state, adverts: looked.state.adverts + 1 }
  const spoken = advert.priority === 0 ? resign(counted, advert.source, atMs) : speak(counted, advert, hardware, atMs)
  return { state: spoken.state, events: [...looked.events, ...spoken.events] }
}

/**
 * Looks who has become silent: to be called now and then, several times in an advert interval. A master that is alone is given as long as
 * a backup gives it; one beside whom another one speaks has yielded when its next advert is overdue.
 */
export function followSilence(before: RouterState, atMs: number, rules: FollowRules = {}): FollowStep {
  let state = before
  const events: FollowEvent[] = []
  for (const speaker of before.speakers) {
    const silentMs = atMs - speaker.lastMs
    const rival = state.speakers.find((other) => other.source !== speaker.source && other.lastMs > speaker.lastMs)
    const isOverdue = silentMs > followDefaults.lateIntervals * speaker.intervalMs
    const isGone = silentMs > downMs(speaker, rules)
    if (!isGone && !(rival && isOverdue)) continue
    const step = end(state, speaker, isGone && !rival ? 'silent' : 'yielded', atMs)
    state = step.state
    events.push(...step.events)
  }
  return { state, events }
}

/** When {@link followSilence} could find something next, in milliseconds; undefined while nobody speaks. */
export function nextSilenceMs(state: RouterState, rules: FollowRules = {}): number | undefined {
  const due = state.speakers.map((speaker) =>
    state.speakers.length > 1
      ? speaker.lastMs + followDefaults.lateIntervals * speaker.intervalMs
      : speaker.lastMs + downMs(speaker, rules),
  )
  return due.length === 0 ? undefined : Math.min(...due)
}

function speak(before: RouterState, advert: Advert, hardware: string, atMs: number): FollowStep {
  const known = before.speakers.find(({ source }) => source === advert.source)
  return known ? speakOn(before, known, advert, hardware, atMs) : speakUp(before, advert, hardware, atMs)
}

/** A router that was not speaking. Whoever's advert is overdue when it begins has fallen silent, and has not yielded. */
function speakUp(before: RouterState, advert: Advert, hardware: string, atMs: number): FollowStep {
  if (before.speakers.length >= followDefaults.maxSpeakers) return { state: before, events: [] }
  let state = before
  const events: FollowEvent[] = []
  for (const speaker of before.speakers) {
    if (atMs - speaker.lastMs <= followDefaults.lateIntervals * speaker.intervalMs) continue
    const step = end(state, speaker, 'silent', atMs)
    state = step.state
    events.push(...step.events)
  }
  const { source, priority, version, intervalMs } = advert
  const current = state.speakers.at(-1)
  const after = current ? { ...formerOf(current, 'yielded'), how: 'preempted' as const } : state.former
  const speaker: Speaker = { source, hardware, priority, version, intervalMs, firstMs: atMs, lastMs: atMs, adverts: 1 }
  return {
    state: { ...state, speakers: [...state.speakers, speaker] },
    events: [...events, { type: 'master-appeared', atMs, source, hardware, priority, after }],
  }
}

function speakOn(before: RouterState, known: Speaker, advert: Advert, hardware: string, atMs: number): FollowStep {
  const events: FollowEvent[] = []
  const { source, priority, version, intervalMs } = advert
  const gapMs = atMs - known.lastMs
  const lost =
    known.intervalMs > 0 && gapMs > followDefaults.lateIntervals * known.intervalMs ? Math.round(gapMs / known.intervalMs) - 1 : 0
  if (lost > 0) events.push({ type: 'adverts-lost', atMs, source, count: lost, gapMs })
  if (priority !== known.priority) events.push({ type: 'priority-changed', atMs, source, from: known.priority, to: priority })
  const speaker: Speaker = { ...known, hardware, priority, version, intervalMs, lastMs: atMs, adverts: known.adverts + 1 }
  const speakers = before.speakers.map((each) => (each.source === source ? speaker : each))
  // Another one began, or went on, since this one's last advert: both were masters in between.
  const rivals = before.speakers.filter((other) => other.source !== source && other.lastMs >= known.lastMs)
  let { overlap } = before
  if (rivals.length > 0) {
    const sources = [...new Set([...(overlap?.sources ?? []), source, ...rivals.map((rival) => rival.source)])].toSorted()
    const fromMs = overlap?.fromMs ?? Math.max(known.firstMs, Math.min(...rivals.map(({ firstMs }) => firstMs)))
    if (!overlap || sources.length > overlap.sources.length) events.push({ type: 'masters-overlap', atMs, fromMs, sources })
    overlap = { fromMs, toMs: atMs, sources }
  }
  return { state: { ...before, speakers, overlap, lost: before.lost + lost }, events }
}

function resign(before: RouterState, source: string, atMs: number): FollowStep {
  const speaker = before.speakers.find((each) => each.source === source)
  // Whoever was not heard as a master may still resign: it was one before anybody listened.
  return speaker ? end(before, { ...speaker, lastMs: atMs }, 'resigned', atMs) : { state: before, events: [] }
}

function end(before: RouterState, speaker: Speaker, how: Ending, atMs: number): FollowStep {
  const speakers = before.speakers.filter(({ source }) => source !== speaker.source)
  const events: FollowEvent[] = [{ type: 'master-ended', atMs, source: speaker.source, lastMs: speaker.lastMs, how }]
  let { overlap } = before
  if (overlap && speakers.length <= 1) {
    // Both were masters up to the last advert of the one that stopped.
    events.push({
      type: 'masters-parted',
      atMs,
      fromMs: overlap.fromMs,
      toMs: Math.max(overlap.fromMs, Math.min(speaker.lastMs, atMs)),
      sources: overlap.sources,
    })
    overlap = undefined
  }
  return { state: { ...before, speakers, overlap, former: formerOf(speaker, how) }, events }
}

function formerOf({ source, hardware, priority, intervalMs, lastMs }: Speaker, how: Ending): FormerMaster {
  return { source, hardware, priority, intervalMs, lastMs, how }
}

function downMs({ version, intervalMs }: Speaker, { downAdverts, priority = followDefaults.priority }: FollowRules): number {
  return masterDownMs({ version, priority, intervalMs, downAdverts })
}

/** 224.0.0.0/4, or ff00::/8. */
function isMulticast(address: string): boolean {
  if (address.includes(':')) return address.startsWith('ff')
  const first = Number(address.split('.')[0])
  return first >= 224 && first < 240
}
