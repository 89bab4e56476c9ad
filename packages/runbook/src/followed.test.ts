import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { renderRunbook } from './render-runbook.ts'
import type { RunbookInput } from './input.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotspare-runbook-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Followed {
  readonly outputs: readonly string[]
  readonly unlike: readonly string[]
}

/** Does with the page what people do: reads it from the top, types each block, and compares what it must show. */
async function follow(markdown: string): Promise<Followed> {
  const outputs: string[] = []
  const unlike: string[] = []
  let words = ''
  for (const block of markdown.split('\n\n')) {
    const [, language, body = ''] = /^`{3,}(sh|text)\n(.*)\n`{3,}$/s.exec(block) ?? []
    // `hotspare` is not there: its daemon is dead, and what is typed by hand instead has to do.
    if (language === 'sh' && !body.startsWith('hotspare ')) {
      outputs.push((await promisify(execFile)('sh', ['-c', body])).stdout.trimEnd())
    }
    words = /must\s+show\s+\*\*(.*?)\*\*/s.exec(block)?.[1] ?? words
    if (words === '' || (words !== 'nothing at all' && language !== 'text')) continue
    if (!isShown(words, body, outputs.at(-1) ?? '')) unlike.push(`${words}: ${body}`)
    words = ''
  }
  return { outputs, unlike }
}

function isShown(words: string, text: string, output: string): boolean {
  if (words === 'nothing at all') return output === ''
  if (words === 'exactly this line') return output.split('\n').includes(text)
  if (words === 'a line that contains') return output.includes(text)
  return words === 'something that matches this regular expression' && new RegExp(text, 'mu').test(output)
}

test('what is printed can be typed: the hold, the steps with their checks, and the hold taken back', async () => {
  const holdFile = join(folder, "state of 'web-1'", 'hold')
  const address = join(folder, 'address')
  const ticks = "'```'"
  const step = (id: string, manual: string, command: string, expectText: string): RunbookInput['plan']['steps'][number] => ({
    id,
    node: 'web-1',
    action: { type: 'acquire', resource: 'address' },
    what: `Do ${id}.`,
    manual: [manual, `printf '%s\\n' ${ticks} >> ${address}.log`],
    verification: { command, expect: expectText },
    allowedMs: 1_000,
  })
  const steps = [
    step('1', `echo 10.0.0.100 > ${address}`, `cat ${address}`, String.raw`^10\.0\.0\.100$`),
    step('2', `echo "held by $(cat ${address})" >> ${address}`, `cat ${address}`, String.raw`held by 10\.0`),
    step('3', `cp ${address} ${address}.2`, `cat ${address}.2`, String.raw`by (\d+\.){3}100`),
    step('4', `rm ${address}`, `ls ${folder} | grep -x address`.concat(' || true'), '^$'),
    step('5', `cat "${holdFile}" > ${address}`, `cat ${address}`, "^it's night, \\$HOME `echo` and all\\.$"),
  ]
  const markdown = renderRunbook({
    mode: 'switchover',
    plan: { service: 'demo', purpose: 'switchover', because: 'a test', to: 'web-1', steps },
    nodes: [{ name: 'web-1', holdFile }],
    hold: { because: "it's night, $HOME `echo` and all." },
    service: { onControlLoss: 'keep' },
    generatedAtMs: 0,
    version: '0.1.0',
  })

  const { outputs, unlike } = await follow(markdown)

  expect(unlike).toEqual([])
  expect(markdown.match(/must\s+show/g)).toHaveLength(7)
  expect(outputs).toContain('held')
  expect(outputs.at(-1)).toBe('free')
  await expect(readFile(holdFile)).rejects.toThrow('ENOENT')
  expect(await readFile(`${address}.log`, 'utf8')).toBe('```\n'.repeat(5))
})
