import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode, silentLogger } from '@hotspare/core'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { record, temporaryFolder } from './witness.fixture.ts'
import { openWitnessDisk } from './disk.ts'
import { SimulatedFiles } from './files.fixture.ts'
import { WitnessStore } from './store.ts'

const CODE = 'HOTSPARE_LEASE_WITNESS_FILE'

describe('openWitnessDisk', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let file: string
  beforeEach(() => {
    folder = temporaryFolder()
    file = join(folder.path, 'witness.json')
  })
  afterEach(() => folder.remove())

  it('refuses a damaged file, leaves it as it is, and says what to do', async () => {
    writeFileSync(file, '{"format":"hotspare-witness","ver')
    await expect(openWitnessDisk(file)).rejects.toMatchObject({ code: CODE, message: expect.stringMatching(/damaged.*move it away/) })
    expect(readFileSync(file, 'utf8')).toBe('{"format":"hotspare-witness","ver')
    // And lets go of it: the next try finds it damaged again, not locked.
    await expect(openWitnessDisk(file)).rejects.toThrow('damaged')
  })

  it('refuses an empty file: it is no missing one', async () => {
    writeFileSync(file, '')
    await expect(openWitnessDisk(file)).rejects.toMatchObject({ code: CODE })
  })

  it('refuses a link, which a write would replace', async () => {
    symlinkSync('/dev/null', file)
    await expect(openWitnessDisk(file)).rejects.toMatchObject({ code: CODE, message: expect.stringContaining('not a regular file') })
  })

  it('refuses a folder that is not there', async () => {
    await expect(openWitnessDisk(join(folder.path, 'missing', 'witness.json'))).rejects.toMatchObject({ code: CODE })
  })

  it('refuses to start where it cannot write', async () => {
    mkdirSync(`${file}.tmp`)
    await expect(openWitnessDisk(file)).rejects.toMatchObject({ code: CODE, message: expect.stringContaining('cannot be written') })
  })

  it('refuses a file that another witness has open, until that one lets go', async () => {
    const first = await openWitnessDisk(file)
    await expect(openWitnessDisk(file)).rejects.toMatchObject({ code: CODE, message: expect.stringContaining('another witness') })
    first.close()
    first.close()
    ;(await openWitnessDisk(file)).close()
  })

  it('begins empty where there is no file, and finds next time what was written', async () => {
    const first = await openWitnessDisk(file)
    expect(first).toMatchObject({ existed: false, records: new Map() })
    await first.write(new Map([['shop', record()]]))
    first.close()
    const second = await openWitnessDisk(file)
    expect(second).toMatchObject({ existed: true, records: new Map([['shop', record()]]) })
    second.close()
    expect(readdirSync(folder.path).toSorted()).toEqual(['witness.json', 'witness.json.lock'])
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('writes nothing more once its lock file was deleted: another witness may have the file now', async () => {
    const first = await openWitnessDisk(file)
    rmSync(`${file}.lock`)
    const second = await openWitnessDisk(file)
    await expect(first.write(new Map([['shop', record()]]))).rejects.toMatchObject({
      code: CODE,
      message: expect.stringContaining('never delete that file'),
    })
    await second.write(new Map())
    for (const disk of [first, second]) disk.close()
  })

  it.each(['open', 'write', 'sync', 'close', 'rename', 'open folder', 'sync folder', 'close folder'])(
    'a write fails when "%s" does, and the next one works',
    async (broken) => {
      for (const at of ['before', 'after'] as const) {
        const files = new SimulatedFiles()
        const disk = await openWitnessDisk(file, files)
        files.fault = (call, when) => {
          if (call === broken && when === at) throw Object.assign(new Error('EIO: simulated'), { code: 'EIO' })
        }
        await expect(disk.write(new Map([['shop', record()]]))).rejects.toThrow('EIO')
        files.fault = () => {}
        await disk.write(new Map([['shop', record({ revision: 'instance.2' })]]))
        disk.close()
        files.crash(() => 0)
        const reopened = await openWitnessDisk(file, files)
        expect(reopened.records.get('shop')?.revision).toBe('instance.2')
        reopened.close()
      }
    },
  )

  it('loses nothing that was answered, however disks fail and machines crash', async () => {
    const step = fc.record({
      swaps: fc.integer({ min: 1, max: 8 }),
      crashAfter: fc.nat(40),
      failures: fc.array(fc.nat(40), { maxLength: 4 }),
      power: fc.boolean(),
    })
    const lives = fc.array(step, { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(lives, fc.infiniteStream(fc.nat(1_000_000)), async (plan, chance) => {
        const files = new SimulatedFiles()
        /** The number in the last revision that was answered, or shown, for each name. */
        const known = new Map<string, number>()
        let number = 0
        for (const { swaps, crashAfter, failures, power } of plan) {
          const disk = await openWitnessDisk(file, files)
          for (const [name, least] of known) {
            expect(Number(disk.records.get(name)?.revision.split('.')[1])).toBeGreaterThanOrEqual(least)
          }
          for (const [name, { revision }] of disk.records) known.set(name, Number(revision.split('.')[1]))
          let calls = 0
          files.fault = (_call, when) => {
            if (when === 'before') calls += 1
            if (calls > crashAfter || failures.includes(calls)) throw Object.assign(new Error('EIO: simulated'), { code: 'EIO' })
          }
          const store = new WitnessStore({
            records: disk.records,
            write: (next) => disk.write(next),
            maxLeases: 10,
            maxWaiting: 10,
            logger: silentLogger,
          })
          for (let swap = 0; swap < swaps; swap++) {
            const names = swap % 2 === 0 ? ['a', 'b'] : ['a']
            await Promise.all(
              names.map(async (name) => {
                const next = record({ revision: `i.${++number}` })
                const mine = number
                const outcome = await store.swap({ name, expected: store.read(name)?.revision ?? null, next })
                if ('swapped' in outcome && outcome.swapped) known.set(name, mine)
                expect(Number(store.read(name)?.revision.split('.')[1] ?? 0)).toBe(known.get(name) ?? 0)
              }),
            )
          }
          disk.close()
          files.fault = () => {}
          if (power) files.crash((below) => (chance.next().value ?? 0) % below)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('makes durable what a killed process left in the page cache, before anybody sees it', async () => {
    const files = new SimulatedFiles()
    const disk = await openWitnessDisk(file, files)
    files.fault = (call) => {
      if (call === 'sync folder') throw new Error('killed')
    }
    await expect(disk.write(new Map([['shop', record()]]))).rejects.toThrow('killed')
    disk.close()
    files.fault = () => {}
    const second = await openWitnessDisk(file, files)
    expect(second.records.get('shop')).toEqual(record())
    second.close()
    files.crash(() => 0)
    const third = await openWitnessDisk(file, files)
    expect(third.records.get('shop')).toEqual(record())
    third.close()
  })

  it('tells of a failure to read', async () => {
    const { open, readFile, rename, rm } = new SimulatedFiles()
    const lstat = () => Promise.reject(Object.assign(new Error('EIO: simulated'), { code: 'EIO' }))
    const broken = { lstat, open, readFile, rename, rm }
    const error: unknown = await openWitnessDisk(file, broken).catch((caught: unknown) => caught)
    expect(errorCode(error)).toBe(CODE)
  })
})
