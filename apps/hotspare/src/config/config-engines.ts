import type { HaproxyOptions } from '@hotspare/proxy/haproxy'
import type { NginxOptions } from '@hotspare/proxy/nginx'

/** A proxy of another kind that carries the requests of a pool, and is kept at Hotspare's verdicts. */
export type EngineConfig = HaproxyEngineConfig | NginxEngineConfig

interface EngineBase {
  /** Unique in the file. */
  readonly name: string
  /** Name of a pool of this file. */
  readonly pool: string
  /** How long after a look the next one comes, where nothing changes. */
  readonly intervalMs: number
}

export interface HaproxyEngineConfig extends EngineBase {
  readonly type: 'haproxy'
  readonly options: Omit<HaproxyOptions, 'clock' | 'logger'>
}

export interface NginxEngineConfig extends EngineBase {
  readonly type: 'nginx'
  readonly options: Omit<NginxOptions, 'clock' | 'logger'>
}
