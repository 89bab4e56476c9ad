/** Where a system under test finds its place; its folder is empty and its own. */
export interface Site {
  readonly folder: string
  /** To listen on, on 127.0.0.1. */
  readonly port: number
  /** Two ports on 127.0.0.1 behind which the same origin answers. */
  readonly originPorts: readonly [number, number]
}

/** What to start, as data: the runner alone touches files and processes. */
export interface Launch {
  /** Name -> content, to be written into the site's folder first. */
  readonly files: Readonly<Record<string, string>>
  readonly program: string
  readonly arguments: readonly string[]
}

/** A system that is on this machine. */
export interface InstalledSystem {
  readonly version: string
  launch(site: Site): Launch
}

/** One of the proxies that are compared: one file each. */
export interface SystemUnderTest {
  readonly name: string
  /** What a reader must know of its set-up to judge the figures. */
  readonly setup: string
  /** How to get it onto a machine. */
  readonly install: string
  /** @returns undefined where the machine does not have it */
  find(): Promise<InstalledSystem | undefined>
}
