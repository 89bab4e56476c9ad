import { createMarkdownRenderer } from 'vitepress'
import { expect, it } from 'vitest'
import { linksOfIncludes } from './links-of-includes.ts'

const md = await createMarkdownRenderer(import.meta.dirname, { config: linksOfIncludes })
const render = (text: string, relativePath: string) => md.render(text, { relativePath })

it('a link to what has a page becomes a link to that page', () => {
  expect(render('[house](../../ARCHITECTURE.md)', 'packages/health.md')).toContain('href="/packages/architecture.html"')
  expect(render('[health](packages/health/README.md#options)', 'packages/architecture.md')).toContain(
    'href="/packages/health.html#options"',
  )
  expect(render('[house](../../ARCHITECTURE.md)', 'packages/hotspare.md')).toContain('href="/packages/architecture.html"')
  expect(render('[house](../../ARCHITECTURE.md)', 'packages/dns-wire.md')).toContain('href="/packages/architecture.html"')
  expect(render('[why](docs/decisions/0001-x.md)', 'packages/architecture.md')).toContain('href="/decisions/0001-x.html"')
})

it('a link to another file of the repository becomes plain text, and the next link is still one', () => {
  const html = render('see [`machine.ts`](packages/health/src/machine.ts) and [x](https://example.com)', 'packages/architecture.md')
  expect(html).toContain('see <code>machine.ts</code> and <a href="https://example.com"')
})

it('links of pages that include nothing are left alone', () => {
  expect(render('[there](/guide/alerts)', 'guide/words.md')).toContain('href="/guide/alerts.html"')
})
