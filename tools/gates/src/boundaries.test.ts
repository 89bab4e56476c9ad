import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gates } from './gates.ts'
import { root } from './root.ts'
import { runCommand } from './run-command.ts'

interface Room {
  readonly folder: string
  readonly name: string
  readonly tag: string
  readonly dependencies: readonly string[]
}

/** The house in small, under the rules of the real turbo.json. */
const ROOMS: readonly Room[] = [
  { folder: 'packages/core', name: '@hotspare/core', tag: 'core', dependencies: [] },
  { folder: 'packages/cloud', name: '@hotspare/cloud', tag: 'base', dependencies: ['@hotspare/core'] },
  { folder: 'packages/dns-wire', name: '@hotspare/dns-wire', tag: 'base', dependencies: ['@hotspare/core'] },
  { folder: 'packages/balance', name: '@hotspare/balance', tag: 'package', dependencies: ['@hotspare/core'] },
  {
    folder: 'packages/proxy',
    name: '@hotspare/proxy',
    tag: 'package',
    dependencies: ['@hotspare/core', '@hotspare/cloud', '@hotspare/dns-wire'],
  },
  {
    folder: 'apps/hotspare',
    name: 'hotspare',
    tag: 'app',
    dependencies: ['@hotspare/core', '@hotspare/cloud', '@hotspare/balance', '@hotspare/proxy'],
  },
  { folder: 'tools/lab', name: '@hotspare/lab', tag: 'tool', dependencies: ['hotspare'] },
]

describe('the gate "boundaries"', () => {
  let folder: string
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const writeRoom = ({ folder: path, name, tag, dependencies }: Room, extra: readonly string[] = []) => {
    const names = [...dependencies, ...extra]
    write(
      `${path}/package.json`,
      JSON.stringify({
        name,
        version: '0.1.0',
        type: 'module',
        exports: './src/index.ts',
        dependencies: Object.fromEntries(names.map((dependency) => [dependency, 'workspace:^'])),
      }),
    )
    write(`${path}/turbo.json`, JSON.stringify({ extends: ['//'], tags: [tag] }))
    write(`${path}/src/index.ts`, dependencies.map((dependency) => `import '${dependency}'\n`).join('') + 'export const here = true\n')
  }
  const room = (path: string) => ROOMS.find((candidate) => candidate.folder === path) ?? expect.fail(path)
  const check = () => {
    const [, ...turboArguments] = gates.find(({ name }) => name === 'boundaries')?.command ?? []
    return runCommand([join(root, 'node_modules/.bin/turbo'), ...turboArguments], { cwd: folder })
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hotspare-boundaries-'))
    cpSync(join(root, 'turbo.json'), join(folder, 'turbo.json'))
    write('package.json', JSON.stringify({ name: 'house', private: true, type: 'module', packageManager: 'pnpm@12.21.0' }))
    write('pnpm-workspace.yaml', 'packages: [packages/*, apps/*, tools/*]\n')
    for (const each of ROOMS) writeRoom(each)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('lets the allowed imports pass', async () => {
    expect(await check()).toMatchObject({ ok: true })
  })

  it.each([
    ['a sibling by name', 'packages/proxy', "import '@hotspare/balance'"],
    ['a sibling by its path', 'packages/proxy', "import '../../balance/src/index.ts'"],
    ["a sibling's types", 'packages/proxy', "import type { here } from '@hotspare/balance'\nexport type Here = typeof here"],
    ['a sibling at run time', 'packages/proxy', "export const late = await import('@hotspare/balance')"],
    ['a sibling by re-export', 'packages/proxy', "export { here } from '@hotspare/balance'"],
    ['the app by name', 'packages/proxy', "import 'hotspare'"],
    ['the app by its path', 'packages/proxy', "import '../../../apps/hotspare/src/index.ts'"],
    ['a package, from core', 'packages/core', "import '@hotspare/balance'"],
    ['the base, from core', 'packages/core', "import '@hotspare/cloud'"],
    ['a package, from the base', 'packages/cloud', "import '@hotspare/proxy'"],
    ['another package of the base, from the base', 'packages/cloud', "import '@hotspare/dns-wire'"],
    ['the app, from the base', 'packages/cloud', "import 'hotspare'"],
  ])('stops an import of %s', async (_, path, code) => {
    write(`${path}/src/forbidden.ts`, `${code}\n`)
    const result = await check()
    rmSync(join(folder, path, 'src/forbidden.ts'))

    expect(result).toMatchObject({ ok: false, reason: 'exited with 1' })
    expect(result.output).toContain('src/forbidden.ts')
  })

  it.each([
    ['a package that depends on a sibling', 'packages/proxy', '@hotspare/balance'],
    ['a package that depends on the app', 'packages/proxy', 'hotspare'],
    ['core that depends on a package', 'packages/core', '@hotspare/proxy'],
    ['the base that depends on a package', 'packages/cloud', '@hotspare/proxy'],
    ['the base that depends on the base', 'packages/cloud', '@hotspare/dns-wire'],
    ['a package that depends on a tool', 'packages/proxy', '@hotspare/lab'],
  ])('stops %s, imported or not', async (_, path, dependency) => {
    writeRoom(room(path), [dependency])
    const result = await check()
    writeRoom(room(path))

    expect(result).toMatchObject({ ok: false, reason: 'exited with 1' })
    expect(result.output).toContain(dependency)
  })
})
