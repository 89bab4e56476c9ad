import type { EventBase } from '@hotspare/core'
import type { SiteView } from './view.ts'

/** A whole site is gone, or back: one thing for people, however many nodes it has. */
export type SiteEvent =
  | (EventBase & { readonly type: 'site-lost'; readonly site: string; readonly because: string })
  | (EventBase & { readonly type: 'site-back'; readonly site: string; readonly because: string })

/**
 * What has changed since the last look.
 *
 * @param lost sites that were lost then
 * @param at milliseconds since the Unix epoch
 * @returns the events, and the sites that are lost now
 */
export function lookAtSites(
  lost: ReadonlySet<string>,
  sites: readonly SiteView[],
  at: number,
): { readonly lost: ReadonlySet<string>; readonly events: readonly SiteEvent[] } {
  const now = sites.filter(({ state }) => state === 'lost')
  const gone = now.filter(({ name }) => !lost.has(name))
  const back = sites.filter(({ name, state }) => lost.has(name) && state !== 'lost')
  return {
    lost: new Set(now.map(({ name }) => name)),
    events: [
      ...gone.map(({ name, because }): SiteEvent => ({ type: 'site-lost', at, site: name, because })),
      ...back.map(({ name, because }): SiteEvent => ({ type: 'site-back', at, site: name, because })),
    ],
  }
}
