import { defineConfig } from 'vitepress'
import { linksOfIncludes } from './links-of-includes.ts'
import { nav, sidebar } from './navigation.ts'

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='3' fill='%230f5c46'/%3E%3Cpath d='M4 3v10M12 3v10M4 8h8' stroke='white' stroke-width='2'/%3E%3C/svg%3E"

// eslint-disable-next-line import/no-default-export -- VitePress reads it
export default defineConfig({
  lang: 'en',
  title: 'Hotspare',
  description:
    'A failover toolkit in TypeScript: health checks, load balancing, a proxy that retries, alerts, and a timeline of what happened.',
  head: [['link', { rel: 'icon', href: icon }]],
  // Files with their endings: any static server can serve them.
  cleanUrls: false,
  ignoreDeadLinks: false,
  markdown: {
    config: (md) => linksOfIncludes(md),
    // The usual pair falls below 4.5 to 1 for comments.
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  themeConfig: {
    nav,
    sidebar,
    outline: { level: [2, 3] },
    search: { provider: 'local' },
    docFooter: { prev: 'Before', next: 'Next' },
    externalLinkIcon: true,
    footer: { message: 'Apache-2.0. The reference is made from the sources, and the examples are run.' },
    notFound: {
      title: 'No such page',
      quote: 'The search finds what there is: Ctrl K, or the magnifying glass.',
      linkText: 'To the start',
    },
  },
})
