import { type Clock, errorText } from '@hotspare/core'
import type { PeerHandler } from '@hotspare/heartbeat/channel'
import { type DepartureAnswer, objectionTo } from '../departure.ts'
import { liftWord, type PeopleFiles, readWord, setWord } from '../people-files.ts'
import type { ClusterPeers } from '../peers-port.ts'
import { readSiteWord, readSiteWordAnswer, type SiteWord, type SiteWordAnswer, siteWordMethod, stepFor } from './word.ts'

/** How it went that people spoke of a site. */
export interface SiteWordResult {
  readonly site: string
  /** Whether every node of it has the word. */
  readonly ok: boolean
  readonly because: string
  /** What each node of it has answered; empty where it was refused before anybody was told. */
  readonly nodes: readonly (SiteWordAnswer & { readonly node: string })[]
  /** What was found before: where each service goes, and what the others carry then. Undefined where a word was taken back. */
  readonly departure: DepartureAnswer | undefined
}

export interface SiteDeskOptions {
  readonly node: string
  /** Every node that stands in a site. */
  readonly nodes: readonly { readonly name: string; readonly site: string | undefined }[]
  /** `cluster.state` */
  readonly folder: string
  readonly people: Pick<PeopleFiles, 'read'>
  readonly peers: Pick<ClusterPeers, 'request'>
  /** What becomes of services when these nodes are to be empty. */
  readonly departure: (leaving: readonly string[]) => DepartureAnswer
  readonly clock: Clock
}

/** A disk of a peer may be slow; one that does not answer by then is named. */
const TELL_MS = 5_000
/** By then every node that was told has said so itself. */
const MEANWHILE_MS = TELL_MS + 1_000

/** Passes the word of people on to every node of a site, and takes it in. */
export class SiteDesk {
  readonly #options: SiteDeskOptions
  /** Nodes that are just being told, and until when that counts. */
  #meanwhile: { readonly nodes: ReadonlySet<string>; readonly because: string; readonly untilMs: number } | undefined

  constructor(options: SiteDeskOptions) {
    this.#options = options
  }

  /**
   * Wants no service at a site, or takes that back.
   *
   * @param because undefined takes it back
   * @param options `force`: though a service would have nowhere to go, or a node too much to carry
   * @returns also a refusal, and nodes that could not be told; a site that is none is a refusal
   */
  async say(site: string, because: string | undefined, options: { readonly force: boolean }): Promise<SiteWordResult> {
    const nodes = this.#options.nodes.filter((each) => each.site === site).map(({ name }) => name)
    if (nodes.length === 0) return this.#refused(site, `no node stands in a site "${site}"; sites: ${this.#names()}`)
    const departure = because === undefined ? undefined : this.#options.departure(nodes)
    const objection = departure && objectionTo(departure)
    if (objection !== undefined && !options.force) return this.#refused(site, objection, departure)
    const word: SiteWord = { site, nodes, because }
    const answers = await Promise.all(nodes.map(async (node) => ({ node, ...(await this.#tell(node, word)) })))
    const missing = answers.filter(({ ok }) => !ok).map(({ node }) => node)
    const done = because === undefined ? 'was taken back' : 'stands'
    return {
      site,
      ok: missing.length === 0,
      because: missing.length === 0 ? `the word ${done} on every node of ${site}` : `not told: ${missing.join(', ')}; say it again`,
      nodes: answers,
      departure,
    }
  }

  /** Answers `people-site`. @throws HotspareError `HOTSPARE_APP_CLUSTER` for what cannot be read */
  async answer(body: unknown, about: Pick<Parameters<PeerHandler>[1], 'peer'>): Promise<SiteWordAnswer> {
    return this.#take(readSiteWord(body), about.peer)
  }

  /** Why nothing is to go to another node, while that one is only just being told. */
  maintenanceOf(node: string): string | undefined {
    const { clock } = this.#options
    const meanwhile = this.#meanwhile
    return meanwhile && clock.monotonicMs() < meanwhile.untilMs && meanwhile.nodes.has(node) ? meanwhile.because : undefined
  }

  async #tell(node: string, word: SiteWord): Promise<SiteWordAnswer> {
    const { node: self, peers } = this.#options
    try {
      if (node === self) return await this.#take(word, self)
      return readSiteWordAnswer(await peers.request(node, siteWordMethod, word, { timeoutMs: TELL_MS }))
    } catch (error) {
      return { ok: false, because: errorText(error) }
    }
  }

  /** Never rejects: what a disk says is an answer. */
  async #take(word: SiteWord, from: string): Promise<SiteWordAnswer> {
    const { node, nodes, folder, people, clock } = this.#options
    const own = nodes.find(({ name }) => name === node)?.site
    if (own !== word.site) return { ok: false, because: `${node} stands in ${own ?? 'no site'}, and ${from} spoke of ${word.site}` }
    const step = stepFor(word, await readWord(folder, 'maintenance'))
    if (step.type === 'nothing') return { ok: true, because: step.because }
    // Before it counts here: the others of the site are no place to go to.
    const others = new Set(step.type === 'set' ? word.nodes.filter((each) => each !== node) : [])
    this.#meanwhile = { nodes: others, because: `site ${word.site}: ${word.because ?? ''}`, untilMs: clock.monotonicMs() + MEANWHILE_MS }
    try {
      if (step.type === 'set') await setWord(folder, 'maintenance', step.text)
      else await liftWord(folder, 'maintenance')
    } catch (error) {
      return { ok: false, because: errorText(error) }
    }
    await people.read()
    return { ok: true, because: step.type === 'set' ? 'in maintenance' : 'in maintenance no longer' }
  }

  #refused(site: string, because: string, departure?: DepartureAnswer): SiteWordResult {
    return { site, ok: false, because, nodes: [], departure }
  }

  #names(): string {
    const names = [...new Set(this.#options.nodes.flatMap(({ site }) => (site === undefined ? [] : [site])))]
    return names.length === 0 ? 'none' : names.join(', ')
  }
}
