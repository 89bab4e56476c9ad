import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DefaultTheme } from 'vitepress'

const docs = join(import.meta.dirname, '..')

/** The title of a page: its first heading. */
function titleOf(page: string): string {
  return /^# (.+)$/m.exec(readFileSync(join(docs, page), 'utf8'))?.[1]?.replaceAll('`', '') ?? page
}

function decisions(): DefaultTheme.SidebarItem[] {
  const pages = readdirSync(join(docs, 'decisions')).filter((file) => /^\d{4}-.*\.md$/.test(file))
  return pages.toSorted().map((file) => ({ text: titleOf(`decisions/${file}`), link: `/decisions/${file.replace(/\.md$/, '')}` }))
}

/** The algorithms, and then what goes around them; the first is the index. */
const balancing = [
  '',
  'round-robin',
  'edf',
  'least-request',
  'peak-ewma',
  'random',
  'first-available',
  'ring-hash',
  'maglev',
  'rendezvous',
  'jump',
  'bounded-load',
  'tiers',
  'zones',
  'slow-start',
  'sticky-sessions',
  'limits-and-queue',
  'subsetting',
]

export const nav: DefaultTheme.NavItem[] = [
  { text: 'Guide', link: '/guide/getting-started', activeMatch: '^/guide/' },
  { text: 'Balancing', link: '/balance/', activeMatch: '^/balance/' },
  { text: 'Packages', link: '/packages/', activeMatch: '^/packages/' },
  { text: 'Reference', link: '/reference/configuration', activeMatch: '^/reference/' },
  { text: 'Decisions', link: '/decisions/', activeMatch: '^/decisions/' },
]

export const sidebar: DefaultTheme.SidebarItem[] = [
  {
    text: 'Guide',
    items: [
      { text: 'Getting started', link: '/guide/getting-started' },
      { text: 'How a dead target is noticed', link: '/guide/detection' },
      { text: 'Health checks', link: '/guide/health-checks' },
      { text: 'Every option of every probe', link: '/guide/probes' },
      { text: 'How a request is retried', link: '/guide/retries' },
      { text: 'Routes, maintenance and kept answers', link: '/guide/routes' },
      { text: 'TLS and HTTP/2', link: '/guide/tls' },
      { text: 'TCP: databases, mail, TLS as it comes', link: '/guide/tcp' },
      { text: 'Limits, and a target that is full', link: '/guide/limits' },
      { text: 'The access log', link: '/guide/access-log' },
      { text: 'HAProxy and nginx in front', link: '/guide/haproxy-and-nginx' },
      { text: 'Two servers, one address', link: '/guide/two-servers' },
      { text: 'Several services', link: '/guide/several-services' },
      { text: 'Sites: a data centre as a unit', link: '/guide/sites' },
      { text: 'Every single failure, beforehand', link: '/guide/matrix' },
      { text: 'Rehearse your own file', link: '/guide/rehearse' },
      { text: 'Who may act, and who is alive', link: '/guide/who-may-act' },
      { text: 'Fencing and the watchdog', link: '/guide/fencing' },
      { text: 'An address that routers learn: BGP', link: '/guide/bgp' },
      { text: 'Addresses of clouds and hosters', link: '/guide/cloud-addresses' },
      { text: 'Names that follow: DNS', link: '/guide/dns' },
      { text: 'DNS providers', link: '/guide/dns-providers' },
      { text: 'How fast DNS failover really is', link: '/guide/dns-failover-time' },
      { text: 'Keeping keepalived for the address', link: '/guide/keepalived' },
      { text: 'Watching a live keepalived', link: '/guide/shadow' },
      { text: 'Measured beside keepalived and Pacemaker', link: '/guide/comparison' },
      { text: 'Alerts', link: '/guide/alerts' },
      { text: 'API and metrics', link: '/guide/api-and-metrics' },
      { text: 'Operating', link: '/guide/operating' },
      { text: 'Changing a running daemon', link: '/guide/reload' },
      { text: 'The words', link: '/guide/words' },
      { text: 'One failover, measured', link: '/guide/measured-failover' },
      { text: 'What is not there yet', link: '/guide/not-there-yet' },
    ],
  },
  {
    text: 'Balancing',
    items: balancing.map((name) => ({ text: titleOf(`balance/${name === '' ? 'index' : name}.md`), link: `/balance/${name}` })),
  },
  {
    text: 'Packages',
    items: [
      { text: 'Which one?', link: '/packages/' },
      ...[
        'core',
        'health',
        'balance',
        'proxy',
        'lease',
        'heartbeat',
        'fence',
        'vip',
        'dns',
        'vrrp',
        'failover',
        'runbook',
        'alert',
        'api',
        'cloud',
        'dns-wire',
        'netlab',
        'hotspare',
      ].map((name) => ({
        text: name,
        link: `/packages/${name}`,
      })),
      { text: 'How they fit together', link: '/packages/architecture' },
    ],
  },
  {
    text: 'Reference',
    items: [
      { text: 'Configuration', link: '/reference/configuration' },
      { text: 'Command line', link: '/reference/cli' },
      { text: 'Events', link: '/reference/events' },
      { text: 'Metrics', link: '/reference/metrics' },
      { text: 'Error codes', link: '/reference/errors' },
    ],
  },
  // Not collapsible: the theme's heading would be a button with a button inside, which screen readers cannot use.
  { text: 'Decisions', items: [{ text: 'All decisions', link: '/decisions/' }, ...decisions()] },
]
