import type { OutlierEvent } from '@hotspare/health/outliers'
import { expect, it } from 'vitest'
import type { ClusterEvent } from './cluster/events.ts'
import type { AppDnsEvent } from './dns/events.ts'
import type { AppEngineEvent } from './engines/events.ts'
import { type AppEvent, logLevelOf, toEntry } from './events.ts'
import type { WatchEvent } from './watch/events.ts'

const at = 1
const target = { targetId: 'shop/a', pool: 'shop', because: 'connection refused' }
const alert = { channel: 'ops', alertId: 'id', key: 'target/shop/a', attempt: 1 }

/** One of each type at least: a type that is missing here is a compile error. Those with sentences elsewhere have their tests there. */
const events: {
  readonly [
    Type in Exclude<AppEvent['type'], (AppDnsEvent | AppEngineEvent | ClusterEvent | OutlierEvent | WatchEvent)['type']>
  ]: readonly [event: AppEvent & { readonly type: Type }, sentence: string][]
} = {
  'daemon-started': [[{ type: 'daemon-started', at, node: 'web-1', version: '1.2.3' }, 'hotspare 1.2.3 started on web-1']],
  'proxy-listening': [
    [
      { type: 'proxy-listening', at, proxy: 'web', listen: '[::]:8080', pool: 'shop' },
      'proxy web listens on [::]:8080 in front of pool shop',
    ],
  ],
  'api-listening': [[{ type: 'api-listening', at, listen: '127.0.0.1:7400' }, 'the API listens on 127.0.0.1:7400']],
  'daemon-ready': [[{ type: 'daemon-ready', at, node: 'web-1' }, 'web-1 is ready: every target has been looked at']],
  'daemon-stopping': [[{ type: 'daemon-stopping', at, because: 'SIGTERM' }, 'stopping: SIGTERM']],
  'child-ended': [
    [
      { type: 'child-ended', at, process: 'worker', because: 'killed by SIGKILL' },
      'the process worker has ended and is started again: killed by SIGKILL',
    ],
  ],
  'child-started': [
    [
      { type: 'child-started', at, process: 'control', pid: 77, restarts: 2 },
      'the process control was started again, as process 77 (restart 2)',
    ],
  ],
  'reload-finished': [
    [
      { type: 'reload-finished', at, changes: ['pool shop: target c added', 'alerts changed'], tookMs: 812.4 },
      'the configuration was read anew in 812 ms: pool shop: target c added; alerts changed',
    ],
    [
      { type: 'reload-finished', at, changes: [], tookMs: 900 },
      'the configuration was read anew in 900 ms: nothing in it has changed; control and worker were replaced',
    ],
  ],
  'reload-failed': [
    [
      { type: 'reload-failed', at, because: 'proxy: cannot listen' },
      'the configuration was read anew and is not followed: proxy: cannot listen',
    ],
  ],
  'worker-retired': [
    [
      { type: 'worker-retired', at, pid: 78, because: 'exit code 0', tookMs: 5_020.2 },
      'the worker before, process 78, has ended after 5020 ms: exit code 0',
    ],
  ],
  'target-up': [[{ type: 'target-up', at, from: 'down', ...target }, 'shop/a is up (was down): connection refused']],
  'target-degraded': [
    [{ type: 'target-degraded', at, from: 'up', ...target }, 'shop/a works, though not as it should (was up): connection refused'],
  ],
  'target-unknown': [[{ type: 'target-unknown', at, from: 'up', ...target }, 'shop/a is not known any more (was up): connection refused']],
  'target-down': [[{ type: 'target-down', at, from: 'unknown', ...target }, 'shop/a is down (was unknown): connection refused']],
  'target-drained': [[{ type: 'target-drained', at, ...target }, 'shop/a gets no new requests: connection refused']],
  'target-undrained': [[{ type: 'target-undrained', at, ...target }, 'shop/a may get requests again: connection refused']],
  'target-wish': [
    [{ type: 'target-wish', at, wish: 'draining', ...target }, 'shop/a asks for no new requests: connection refused'],
    [{ type: 'target-wish', at, wish: 'maintenance', ...target }, 'shop/a asks for no requests at all: connection refused'],
    [{ type: 'target-wish', at, wish: 'nothing', ...target }, 'shop/a asks for nothing any more: connection refused'],
  ],
  'pool-maintenance-started': [
    [{ type: 'pool-maintenance-started', at, pool: 'shop', because: 'new shelves' }, 'pool shop is in maintenance: new shelves'],
    [
      { type: 'pool-maintenance-started', at, pool: 'shop', because: 'x', until: 0 },
      'pool shop is in maintenance until 1970-01-01T00:00:00.000Z: x',
    ],
  ],
  'pool-maintenance-ended': [
    [
      { type: 'pool-maintenance-ended', at, pool: 'shop', because: 'its time is over' },
      'pool shop is not in maintenance any more: its time is over',
    ],
  ],
  'pool-exhausted': [[{ type: 'pool-exhausted', at, pool: 'shop', targetId: 'shop/a' }, 'pool shop has no target left that is up']],
  'pool-recovered': [[{ type: 'pool-recovered', at, pool: 'shop', targetId: 'shop/a' }, 'pool shop has a target that is up again: shop/a']],
  'requests-retried': [
    [
      { type: 'requests-retried', at, targetId: 'shop/a', count: 1, reasons: ['refused'] },
      '1 request that failed at shop/a went elsewhere (refused)',
    ],
    [
      { type: 'requests-retried', at, targetId: 'shop/a', count: 2, reasons: ['refused', 'closed'] },
      '2 requests that failed at shop/a went elsewhere (refused, closed)',
    ],
  ],
  'requests-failed': [
    [{ type: 'requests-failed', at, proxy: 'web', count: 3, because: 'no target' }, '3 requests of proxy web failed: no target'],
  ],
  'certificates-changed': [
    [
      { type: 'certificates-changed', at, proxy: 'web', names: ['a.example', '*.b.example'], notAfter: Date.UTC(2027, 0, 2) },
      'proxy web shows other certificates (a.example, *.b.example), valid until 2027-01-02',
    ],
  ],
  'certificates-refused': [
    [
      { type: 'certificates-refused', at, proxy: 'web', because: 'the key belongs to another certificate' },
      'proxy web keeps its certificates, as the new ones cannot be used: the key belongs to another certificate',
    ],
  ],
  'alert-delivered': [
    [{ type: 'alert-delivered', at, ...alert, tookMs: 12.7 }, 'alert target/shop/a reached ops after 13 ms'],
    [
      { type: 'alert-delivered', at, ...alert, tookMs: 12.3, receipt: 'HTTP 204' },
      'alert target/shop/a reached ops after 12 ms (HTTP 204)',
    ],
  ],
  'alert-delayed': [
    [
      { type: 'alert-delayed', at, ...alert, reason: 'HTTP 503', retryInMs: 99.6 },
      'alert target/shop/a did not reach ops yet: HTTP 503; next try in 100 ms',
    ],
  ],
  'alert-failed': [[{ type: 'alert-failed', at, ...alert, reason: 'HTTP 404' }, 'alert target/shop/a was given up for ops: HTTP 404']],
  'alert-dropped': [
    [
      { type: 'alert-dropped', at, ...alert, reason: 'the queue is full' },
      'alert target/shop/a was dropped from the queue of ops: the queue is full',
    ],
  ],
}

it.each(Object.values(events).flat())('%j has its sentence', (event, sentence) => {
  const entry = toEntry(event, 7)
  expect(entry).toEqual({ ...event, sequence: 7, text: sentence })
  expect(entry.text).not.toMatch(/undefined|null|NaN|\[object/)
})

it.each([
  ['pool-exhausted', 'error'],
  ['alert-failed', 'error'],
  ['target-down', 'warn'],
  ['alert-delayed', 'warn'],
  ['check-down', 'warn'],
  ['observer-unwell', 'warn'],
  ['check-up', 'info'],
  ['target-up', 'info'],
  ['daemon-stopping', 'info'],
] as const)('%s is logged as %s, so that a quiet log still shows an outage', (type, level) => {
  // Only the type decides.
  expect(logLevelOf({ type } as AppEvent)).toBe(level)
})
