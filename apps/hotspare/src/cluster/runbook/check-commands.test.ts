import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { ProbeConfig } from '../../config/config.ts'
import { EVERY_CHECK } from '../../config/every-probe.fixture.ts'
import { parseConfig } from '../../config/load.ts'
import { checkCommands } from './check-commands.ts'

async function probeOf(type: string, written: string): Promise<ProbeConfig> {
  const { config } = await parseConfig(`checks: { it: { type: any, of: { part: { type: ${type}, ${written} } } } }`, {
    file: 'f',
    env: {},
    hostname: 'a',
  })
  const [check] = config.checks
  const part = check?.type === 'any' ? check.parts[0] : undefined
  if (!part) throw new Error('expected a part')
  return part.probe
}

describe('a check as people type it', () => {
  it.each(Object.entries(EVERY_CHECK).map(([type, { written }]) => [type, written] as const))(
    'is a command that a shell understands, without secrets: %s',
    async (type, written) => {
      const { manual, verification } = checkCommands(await probeOf(type, written))
      for (const command of [...manual, verification.command]) {
        expect([command, spawnSync('bash', ['-n', '-c', command], { encoding: 'utf8' }).stderr]).toEqual([command, ''])
        expect(command).not.toContain('swordfish')
      }
      expect(() => new RegExp(verification.expect, 'mu')).not.toThrow()
    },
  )

  it('runs a program as the check does, and takes 0 and 1 as the check does', async () => {
    for (const [code, passes] of [
      [0, true],
      [1, true],
      [2, false],
    ] as const) {
      const { verification } = checkCommands(await probeOf('exec', `file: /bin/sh, args: ["-c", "echo so; exit ${code}", "it's"]`))
      const { stdout } = spawnSync('bash', ['-c', verification.command], { encoding: 'utf8' })
      expect([code, new RegExp(verification.expect, 'mu').test(stdout)]).toEqual([code, passes])
    }
  })
})
