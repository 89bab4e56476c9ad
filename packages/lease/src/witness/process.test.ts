import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LeaseRecord, LeaseRegister } from '../register.ts'
import { PATIENT, record, SECRET, spawnWitness, temporaryFolder } from './witness.fixture.ts'
import { witnessRegister } from '../witness.ts'

const ROUNDS = 4

/** For a loaded machine whose disk others sync as well. */
const LONG_MS = 90_000
const NAMES = ['shop', 'mail', 'wiki', 'chat']

const numberOf = (kept: LeaseRecord | null) => Number(kept?.revision.split('.')[1] ?? 0)

const total = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((sum, count) => sum + count, 0)

/** Renews one lease as fast as it can. @returns why it ended: the witness is gone */
async function swapUntilItDies(register: LeaseRegister, name: string, answered: Map<string, number>): Promise<unknown> {
  try {
    let current = await register.read(name, PATIENT)
    for (;;) {
      const next = record({ revision: `${name}.${numberOf(current) + 1}` })
      if (!(await register.compareAndSwap(name, current, next, PATIENT)).swapped) return `${name}: somebody else has written`
      current = next
      answered.set(name, numberOf(next))
    }
  } catch (error) {
    return error
  }
}

describe('a witness as a process', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let file: string
  const toEnd: (() => Promise<void>)[] = []
  beforeEach(() => {
    folder = temporaryFolder()
    file = join(folder.path, 'witness.json')
  })
  afterEach(async () => {
    await Promise.all(toEnd.splice(0).map((end) => end()))
    folder.remove()
  })

  const spawn = async (...args: Parameters<typeof spawnWitness>) => {
    const started = await spawnWitness(...args)
    const register = witnessRegister({ url: started.url, secret: SECRET })
    toEnd.push(started.kill, () => register.close())
    return { ...started, register }
  }

  it(
    'that is killed while it writes has every swap that it has answered, time after time',
    async () => {
      const answered = new Map<string, number>()
      for (let round = 1; round <= ROUNDS; round++) {
        const { register, kill } = await spawn(file)
        for (const [name, least] of answered) expect(numberOf(await register.read(name, PATIENT))).toBeGreaterThanOrEqual(least)
        const enough = total(answered) + 60 + 7 * round
        const swapping = NAMES.map((name) => swapUntilItDies(register, name, answered))
        const busy = (async () => {
          while (total(answered) < enough) await new Promise((resolve) => setTimeout(resolve, 1))
        })()
        await Promise.race([busy, ...swapping])
        await kill()
        for (const end of await Promise.all(swapping)) expect(end).toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER' })
        expect(total(answered)).toBeGreaterThanOrEqual(enough)
      }
      const { register } = await spawn(file)
      for (const name of NAMES) {
        const kept = numberOf(await register.read(name, PATIENT))
        // The one swap that was under way may have been made.
        expect([0, 1]).toContain(kept - (answered.get(name) ?? 0))
      }
    },
    LONG_MS,
  )

  it('keeps others off its file, also from another process, until it is killed', async () => {
    const first = await spawn(file)
    await expect(spawn(file)).rejects.toThrow('another witness uses it')
    await first.kill()
    await spawn(file)
  })

  it('that is stopped costs callers their deadline, and answers again when it goes on', async () => {
    const { register, child } = await spawn(file)
    await register.compareAndSwap('shop', null, record(), PATIENT)
    child.kill('SIGSTOP')
    const renewed = record({ revision: 'instance.2' })
    await expect(register.read('shop', { timeoutMs: 200 })).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER' })
    await expect(register.compareAndSwap('shop', record(), renewed, { timeoutMs: 200 })).rejects.toMatchObject({
      code: 'HOTSPARE_LEASE_REGISTER',
    })
    child.kill('SIGCONT')
    // The swap that nobody waited for may have been made, or still be.
    const found = await register.read('shop', PATIENT)
    expect([record(), renewed]).toContainEqual(found)
    const result = await register.compareAndSwap('shop', found, record({ revision: 'instance.3' }), PATIENT)
    expect(result.swapped || numberOf(result.current)).toSatisfy((outcome) => outcome === true || outcome === 2)
  })

  it('whose disk is full refuses what does not fit, and renews what does', async (context) => {
    if (spawnSync('unshare', ['--mount', 'true']).status !== 0)
      return context.skip('a file system of one test needs root (unshare --mount)')
    const small = join(folder.path, 'small')
    mkdirSync(small)
    // Four pages, seen by this process alone: room for the file twice while it has at most two.
    const script = `mount -t tmpfs -o size=16k tmpfs '${small}' && exec "$@"`
    const inside = (command: readonly string[]) => ['unshare', '--mount', 'sh', '-c', script, 'sh', ...command]
    const { register } = await spawn(join(small, 'witness.json'), inside)
    const create = (number: number) =>
      register.compareAndSwap(`lease-${number}`, null, record({ revision: `i${number}.${'x'.repeat(100)}` }), PATIENT)
    let created = 0
    const fill = async () => {
      for (;;) {
        await create(created)
        created += 1
      }
    }
    const failure: unknown = await fill().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER', message: expect.stringContaining('the write failed') })
    expect(created).toBeGreaterThan(10)
    expect(await register.read(`lease-${created}`, PATIENT)).toBeNull()
    const first = await register.read('lease-0', PATIENT)
    const renewed = record({ revision: `j0.${'x'.repeat(100)}` })
    expect(await register.compareAndSwap('lease-0', first, renewed, PATIENT)).toEqual({ swapped: true })
  })
})
