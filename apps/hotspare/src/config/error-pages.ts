import { dirname, resolve as resolvePath } from 'node:path'
import type { WaitOptions } from '@hotspare/core'
import type { ErrorPageConfig } from './config-routes.ts'
import { limits } from './defaults.ts'
import { type Finding, quote } from './problem.ts'
import { type ReadFile, readText } from './read-file.ts'
import { valueAt } from './schema-guide.ts'

export interface PageSources {
  /** The configuration file: relative paths start at its folder. */
  readonly file: string
  readonly readFile: ReadFile
}

export interface ErrorPages {
  readonly findings: readonly Finding[]
  /** What is in a page, as the configuration names its file. */
  readonly htmlOf: ReadonlyMap<string, string>
}

/** Reads every page that a file names, each once. */
export async function readErrorPages(value: unknown, sources: PageSources, options: WaitOptions = {}): Promise<ErrorPages> {
  const findings: Finding[] = []
  const readings = new Map<string, Awaited<ReturnType<typeof readText>>>()
  const proxies = valueAt(value, ['proxies'])
  for (const [index, proxy] of (Array.isArray(proxies) ? proxies.slice(0, limits.proxies) : []).entries()) {
    const pages = valueAt(proxy, ['errorPages'])
    if (typeof pages !== 'object' || pages === null || Array.isArray(pages)) continue
    for (const [name, file] of Object.entries(pages)) {
      if (typeof file !== 'string') continue
      const path = resolvePath(dirname(sources.file), file)
      const reading = readings.get(file) ?? (await readText(sources.readFile, path, limits.pageBytes, options))
      readings.set(file, reading)
      if (!reading.ok) findings.push({ path: ['proxies', index, 'errorPages', name], message: `the page ${quote(file)} ${reading.reason}` })
    }
  }
  return { findings, htmlOf: new Map([...readings].flatMap(([file, reading]) => (reading.ok ? [[file, reading.text] as const] : []))) }
}

export function withHtml(pages: readonly Omit<ErrorPageConfig, 'html'>[], { htmlOf }: ErrorPages): readonly ErrorPageConfig[] {
  return pages.map((page) => ({ ...page, html: htmlOf.get(page.file) ?? '' }))
}
