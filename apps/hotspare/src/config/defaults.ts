import { deepFreeze } from './deep-freeze.ts'

/** What a file need not say, spelled as a file would spell it, each with its reason. */
export const defaults = {
  log: {
    /** State changes and requests that failed; not every probe. */
    level: 'info',
    format: 'auto',
  },
  api: {
    /** Loopback: who can log in on the machine may look; nobody else may before a token is set. */
    listen: '127.0.0.1:7400',
  },
  target: { weight: 1, tier: 0 },
  health: {
    /** With `fall: 3` a dead target is known within 3.5 s; a probe a second is no load. */
    interval: '1s',
    /** A healthy target answers a health check within a tenth of this. Never longer than the interval unless the file says so. */
    timeout: '500ms',
    /** Two: a target that answers once between crashes is not up. */
    rise: 2,
    /** Three: one lost packet and its repetition are no outage. As HAProxy's `fall`. */
    fall: 3,
    /** Five failed requests in a row, with no success between, are no accident of one client. */
    trafficFailures: 5,
    method: 'GET',
    path: '/',
    /** Redirects to a login page count as alive. As HAProxy's `option httpchk`. */
    status: '200-399',
  },
  balance: 'least-request',
  proxy: {
    /** The first try and two more: with two spares, one that is dead and one that dies meanwhile are survived. */
    attempts: 3,
    /** A machine in the same data centre answers a SYN within a millisecond; one lost SYN is repeated by Linux after 1 s. */
    connect: '2s',
    /** Slow pages are the application's business; a dead target is found by its health long before this. */
    firstByte: '30s',
    /** As nginx's proxy_read_timeout. */
    idle: '60s',
    /** What an orchestrator commonly waits between SIGTERM and SIGKILL. */
    drain: '30s',
    /** A client's own X-Forwarded-For is not to be believed. */
    forwarded: 'replace',
  },
  timeline: {
    /** Some 5 MB; a bad week of a flapping target. */
    keep: 10_000,
  },
} as const

/** What a file and its parts may be at most. */
export const limits = {
  /** A configuration of a thousand targets has some 100 KB. */
  fileBytes: 1_048_576,
  /** The largest secrets are certificate chains. */
  secretBytes: 65_536,
  /** Values after aliases are expanded. */
  nodes: 100_000,
  /** The deepest key of the schema lies at 6. */
  depth: 32,
  /** Problems that one error lists; nobody reads more at once. */
  problems: 100,
  /** For one file to be read; a pipe without a writer or a dead mount must not hold up the start. */
  readTimeoutMs: 5_000,
  targetsPerPool: 500,
  proxies: 100,
  routes: 100,
} as const

deepFreeze(defaults)
deepFreeze(limits)
