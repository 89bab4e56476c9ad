import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { drawSchedule } from '@hotspare/failover/simulator'
import { expect, it } from 'vitest'

const patient = { timeout: 60_000 }

/** As `npm run simulate` does it. */
function simulate(...options: string[]): Promise<{ readonly code: unknown; readonly out: string; readonly err: string }> {
  const cli = fileURLToPath(new URL('cli.ts', import.meta.url))
  return new Promise((resolve) => {
    execFile(process.execPath, ['--conditions=@hotspare/source', cli, ...options], { maxBuffer: 16 * 1024 * 1024 }, (error, out, err) =>
      resolve({ code: error?.code ?? 0, out, err }),
    )
  })
}

it('a schedule that is none is refused, and nothing is run', patient, async () => {
  const { code, out, err } = await simulate('--replay', '{"seed": "one"}')
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain('simulate: simulator: this is no schedule: seed: ')
})

it('a schedule is run again from its JSON, and all that happens in it is printed', patient, async () => {
  const { code, out } = await simulate('--replay', JSON.stringify(drawSchedule(5)))
  expect(code).toBe(0)
  expect(out).toContain('"type":"plan-started"')
  expect(out).toMatch(/\nshop: unserved 0\.0-\d+\.\d.*; two holders /u)
  expect(out).toMatch(/\ngreen, digest [0-9a-f]{16}\n$/u)
})

it('many seeds are run on two threads', patient, async () => {
  const { code, out, err } = await simulate('--seeds', '4', '--from', '5', '--workers', '2')
  expect({ code, out }).toEqual({ code: 0, out: '4 seeds from 5 on: nothing happened that must not\n' })
  expect(err).toContain('4 of 4 seeds, ')
})
