import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { typescriptBlocks } from './code-blocks.ts'

/** A program taken out of a README or a page of the docs. */
export interface Example {
  /** Where it was found, as `path:line`. */
  readonly source: string
  /** The file that it becomes. */
  readonly file: string
  readonly code: string
}

export interface CollectedExamples {
  readonly examples: readonly Example[]
  /** What should be there and is not. */
  readonly problems: readonly string[]
}

/** The first block of each package's README, and every block of the docs. */
export function collectExamples(root: string, packageFolders: readonly string[]): CollectedExamples {
  const examples: Example[] = []
  const problems: string[] = []
  for (const folder of packageFolders) {
    const readme = join(folder, 'README.md')
    const path = relative(root, readme)
    const first = existsSync(readme) ? typescriptBlocks(readFileSync(readme, 'utf8')).find(({ run }) => run) : undefined
    if (first) examples.push({ source: `${path}:${first.line}`, file: fileName(path), code: first.code })
    else if (existsSync(readme)) problems.push(`${path} has no \`\`\`ts block: show ten lines that run`)
    else problems.push(`${path} is missing: a published package needs a README with ten lines that run`)
  }
  const pages = globSync('docs/**/*.md', { cwd: root, exclude: ['**/node_modules/**', '**/dist/**'] }).toSorted()
  for (const path of pages) {
    for (const { line, code, run } of typescriptBlocks(readFileSync(join(root, path), 'utf8'))) {
      if (run) examples.push({ source: `${path}:${line}`, file: fileName(`${path}-${line}`), code })
    }
  }
  return { examples, problems }
}

function fileName(path: string): string {
  return `${path.replace('/README.md', '').replaceAll(/[^\w-]+/g, '-')}.mjs`
}
