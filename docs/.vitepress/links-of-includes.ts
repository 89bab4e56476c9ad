import { posix } from 'node:path'
import type { MarkdownRenderer } from 'vitepress'

/** Where the links of an included file start, by the page that includes it. Both from the top of the checkout. */
function baseOf(page: string): string | undefined {
  if (page === 'packages/architecture.md') return '.'
  if (page === 'packages/hotspare.md') return 'apps/hotspare'
  const [, name] = /^packages\/([\w-]+)\.md$/.exec(page) ?? []
  return name === undefined || name === 'index' ? undefined : `packages/${name}`
}

/** The page that shows a file of the repository, if there is one. */
function pageOf(file: string): string | undefined {
  if (file === 'ARCHITECTURE.md') return '/packages/architecture'
  const [, name] = /^(?:packages|apps)\/([\w-]+)(?:\/README\.md)?$/.exec(file) ?? []
  if (name !== undefined) return `/packages/${name}`
  return /^docs\/(.+)\.md$/.exec(file)?.[1]?.replace(/^/, '/')
}

/**
 * Links of included files are written for the repository. Those to what has a page here become links to that page;
 * those to other files of the repository become plain text, since the site cannot show them.
 */
export function linksOfIncludes(md: MarkdownRenderer): void {
  md.core.ruler.push('links-of-includes', (state) => {
    const { relativePath = '' }: { relativePath?: string } = state.env
    const base = baseOf(relativePath)
    if (base === undefined) return
    for (const { children } of state.tokens) {
      let unlinked = false
      for (const token of children ?? []) {
        if (token.type === 'link_open') {
          const href = token.attrGet('href') ?? ''
          if (/^(?:[a-z]+:|#|\/)/i.test(href)) continue
          const [path = '', anchor] = href.split('#')
          const page = pageOf(posix.join(base, path))
          unlinked = page === undefined
          if (page !== undefined) token.attrSet('href', anchor === undefined ? page : `${page}#${anchor}`)
        }
        if (unlinked && (token.type === 'link_open' || token.type === 'link_close')) {
          if (token.type === 'link_close') unlinked = false
          // An empty text in its place: the renderer has a rule of its own for links.
          token.type = 'text'
          token.tag = ''
          token.nesting = 0
          token.content = ''
        }
      }
    }
  })
}
