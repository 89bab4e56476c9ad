import { beforeAll, describe, expect, it } from 'vitest'
import { optionNames, readHelp } from '../generate/commands.ts'
import { blocksOf, pages, readPage } from './markdown-blocks.ts'

interface CommandLine {
  readonly source: string
  readonly command: string
  readonly options: readonly string[]
}

/** `hotspare COMMAND ...` in shells, at prompts and in running text. */
function commandLines(): readonly CommandLine[] {
  return pages().flatMap((page) => {
    const shells = blocksOf(page).filter(({ words }) => words[0] === 'sh' || words[0] === 'console')
    const inline = [...readPage(page).matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => ({ source: page, text }))
    return [...shells, ...inline].flatMap(({ source, text }) =>
      text.split('\n').flatMap((line) => {
        const [, command, rest = ''] = /^(?:\$ |root@[\w-]+:~# )?(?:npm run hotspare -- |hotspare )([a-z]+)\b([^#|>]*)/.exec(line) ?? []
        if (command === undefined) return []
        return [{ source, command, options: [...rest.matchAll(/(?<=\s)--[\w-]+/g)].map(([option]) => option) }]
      }),
    )
  })
}

describe('the command lines on the pages', () => {
  let commands: ReadonlyMap<string, string>
  beforeAll(async () => {
    ;({ commands } = await readHelp())
  }, 60_000)

  it('are there', () => {
    expect(commandLines().length).toBeGreaterThan(10)
  })

  it.each(commandLines().map((line) => [line.source, line.command, line] as const))(
    '%s: hotspare %s exists, with its options',
    (_source, name, line) => {
      const known = optionNames(commands.get(name) ?? '')
      expect([...commands.keys()]).toContain(name)
      expect(known).toEqual(expect.arrayContaining([...line.options]))
    },
  )
})
