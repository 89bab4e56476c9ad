import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { code } from './markdown.ts'
import { root } from './sources.ts'

const run = promisify(execFile)
const TIME_LIMIT_MS = 60_000

/** Runs `hotspare` from its sources, with nothing of ours in its environment. @returns what it printed */
export async function hotspare(...parameters: readonly string[]): Promise<string> {
  const cli = join(root, 'apps/hotspare/src/cli.ts')
  const { stdout } = await run(process.execPath, ['--conditions=@hotspare/source', cli, ...parameters], {
    env: { PATH: process.env['PATH'] },
    timeout: TIME_LIMIT_MS,
    maxBuffer: 16 * 1024 * 1024,
  })
  return stdout
}

/** The names under `Commands:` of a help text; a line that goes on from the one before is indented deeper. */
function commandNames(help: string): readonly string[] {
  const [, commands = ''] = /^Commands:\n([\s\S]*?)\n\n/m.exec(help) ?? []
  return [...commands.matchAll(/^ {2}(\S+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help')
}

/** The long options that a help text lists. */
export function optionNames(help: string): readonly string[] {
  return [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, name = '']) => name)
}

/** Every command with its own help text. */
export async function readHelp(): Promise<{ readonly overview: string; readonly commands: ReadonlyMap<string, string> }> {
  const overview = await hotspare('--help')
  const names = commandNames(overview)
  const texts = await Promise.all(names.map((name) => hotspare(name, '--help')))
  return { overview, commands: new Map(names.map((name, index) => [name, texts[index] ?? ''])) }
}

export async function commandReference(): Promise<string> {
  const { overview, commands } = await readHelp()
  const sections = [...commands].map(([name, help]) => `## ${code(`hotspare ${name}`)}\n\n${block(help)}`)
  return [block(overview), ...sections].join('\n\n')
}

function block(help: string): string {
  return `\`\`\`text\n${help.trimEnd()}\n\`\`\``
}
