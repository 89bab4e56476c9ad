import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { collectExamples } from './collect-examples.ts'

const block = (code: string, info = 'ts') => `\`\`\`${info}\n${code}\n\`\`\`\n`

describe('collectExamples', () => {
  let root: string
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'hotspare-collect-'))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  it('complains of a README that is missing, and of one without an example', () => {
    write('packages/dns/README.md', block('shown()', 'ts no-run'))
    const { examples, problems } = collectExamples(root, [join(root, 'packages/dns'), join(root, 'packages/vip')])

    expect(examples).toEqual([])
    expect(problems).toEqual([
      'packages/dns/README.md has no ```ts block: show ten lines that run',
      'packages/vip/README.md is missing: a published package needs a README with ten lines that run',
    ])
  })

  it('takes the first block of a README, and every block of the docs that is to be run', () => {
    write('packages/dns/README.md', `# dns\n${block('first()')}${block('second()')}`)
    write('docs/guide/start.md', `${block('one()')}${block('shown()', 'ts no-run')}${block('two()')}`)
    write('docs/node_modules/other/readme.md', block('foreign()'))
    const { examples, problems } = collectExamples(root, [join(root, 'packages/dns')])

    expect(problems).toEqual([])
    expect(examples).toEqual([
      { source: 'packages/dns/README.md:3', file: 'packages-dns.mjs', code: 'first()\n' },
      { source: 'docs/guide/start.md:2', file: 'docs-guide-start-md-2.mjs', code: 'one()\n' },
      { source: 'docs/guide/start.md:8', file: 'docs-guide-start-md-8.mjs', code: 'two()\n' },
    ])
  })
})
