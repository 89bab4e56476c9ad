// Looks at the built site: every link leads to a page, every anchor exists, nothing is loaded from elsewhere, and
// everything that was to be included is there. VitePress checks links between pages, but no anchors, and passes over
// a file that is not there.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { pages as sources, readPage } from './markdown-blocks.ts'

const dist = resolve(import.meta.dirname, '../.vitepress/dist')

interface Page {
  readonly path: string
  readonly html: string
  readonly anchors: ReadonlySet<string>
}

const pages = new Map(
  globSync('**/*.html', { cwd: dist }).map((path): [string, Page] => {
    const html = readFileSync(resolve(dist, path), 'utf8')
    return [path, { path, html, anchors: new Set(valuesOf(html, 'id')) }]
  }),
)

function valuesOf(html: string, attribute: string): string[] {
  return [...html.matchAll(new RegExp(` ${attribute}="([^"]*)"`, 'g'))].map(([, value = '']) => value.replaceAll('&amp;', '&'))
}

function problemsOf(page: Page): string[] {
  const problems = [...new Set(valuesOf(page.html, 'href'))].flatMap((href) => linkProblem(page, href) ?? [])
  const foreign = [...page.html.matchAll(/<(?:script|link|img|iframe)\b[^>]*(?:src|href)="(?:https?:)?\/\/[^"]*"/g)].map(
    ([tag]) => `loads from elsewhere: ${tag}`,
  )
  return [...problems, ...foreign]
}

function linkProblem(page: Page, href: string): string | undefined {
  if (/^(?:[a-z]+:|\/\/)/i.test(href)) return undefined
  const { pathname, hash } = new URL(href, `file:///${page.path}`)
  const path = decodeURIComponent(pathname).slice(1)
  const target = pages.get(path === '' || path.endsWith('/') ? `${path}index.html` : path)
  if (!target) return existsSync(resolve(dist, path)) ? undefined : `dead link: ${href}`
  const anchor = decodeURIComponent(hash.slice(1))
  return anchor === '' || target.anchors.has(anchor) ? undefined : `dead anchor: ${href}`
}

/** Files that a page includes, or shows as code, and that are not there. */
function missingFiles(source: string): string[] {
  const included = readPage(source).matchAll(/<!--\s*@include:\s*(\S+?)\s*-->|^<<< (\S+?)(?:[#{]\S*)?$/gm)
  const files = [...included].map(([, markdown, code]) => markdown ?? code ?? '')
  return files.filter((file) => !existsSync(resolve(dist, '../..', dirname(source), file)))
}

const problems = [
  ...sources().flatMap((source) => missingFiles(source).map((file) => `${source}: includes ${file}, which is not there`)),
  ...[...pages.values()].flatMap((page) => problemsOf(page).map((problem) => `${page.path}: ${problem}`)),
]
if (pages.size === 0) problems.push('there is no page')
for (const problem of problems) console.error(problem)
process.exitCode = problems.length > 0 ? 1 : 0
