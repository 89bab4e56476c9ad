import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { liftWord, peopleFile, PeopleFiles, readWord, setWord } from './people-files.ts'

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'hotspare-people-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return join(made, 'state')
}

describe('words of people', () => {
  it('counts one that cannot be read as spoken', async () => {
    const state = await folder()
    await mkdir(peopleFile(state, 'hold'), { recursive: true })
    expect((await readWord(state, 'hold'))?.because).toContain('cannot be read')
  })

  // Once all of it was read, four times a second.
  it('takes a huge file of strange bytes for a word, and reads no more of it than it shows', async () => {
    const state = await folder()
    await mkdir(state)
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe, 0x00, 0x1b, 0x5b, 0x32, 0x4a, 0x0a]), Buffer.alloc(10 * 1024 * 1024, 0xc3)])
    await writeFile(peopleFile(state, 'hold'), bytes)
    const word = await readWord(state, 'hold')
    expect(word?.because.length).toBeLessThanOrEqual(500)
    expect(word?.because).not.toMatch(/[\p{Cc}]/u)
    expect(word?.because).toContain('\uFFFD')
  })

  it('does not wait for a pipe that nobody writes to: it is there, so it counts', async () => {
    const state = await folder()
    await mkdir(state)
    execFileSync('mkfifo', [peopleFile(state, 'hold')])
    expect(await readWord(state, 'hold')).toMatchObject({ because: 'no reason was given' })
  })

  it('leaves nothing beside a word that could not be written, and several may speak at once', async () => {
    const state = await folder()
    await mkdir(peopleFile(state, 'hold'), { recursive: true })
    await expect(setWord(state, 'hold', 'a folder is in the way')).rejects.toMatchObject({ code: 'HOTSPARE_APP_STATE' })
    expect(await readdir(state)).toEqual(['hold'])
    await Promise.all(['one', 'two', 'three'].map((because) => setWord(state, 'maintenance', because)))
    expect((await readdir(state)).toSorted()).toEqual(['hold', 'maintenance'])
    expect((await readWord(state, 'maintenance'))?.because).toMatch(/^(one|two|three)$/)
  })

  it('says which folder cannot be written, and what to do', async () => {
    const state = await folder()
    await mkdir(join(state, '..'), { recursive: true })
    await writeFile(state, 'a file where the folder should be')
    const refused = { code: 'HOTSPARE_APP_STATE', message: expect.stringContaining('cluster.state') }
    await expect(setWord(state, 'hold', 'test')).rejects.toMatchObject(refused)
    await expect(
      new PeopleFiles({ folder: state, clock: new TestClock(), changed: () => {}, record: () => {} }).start(),
    ).rejects.toMatchObject(refused)
  })

  // Once the daemon span for ever, and SIGTERM did not end it.
  it('says at once that a folder cannot be made where no folder can be', async () => {
    await expect(setWord('/proc/nowhere/state', 'hold', 'x')).rejects.toMatchObject({ code: 'HOTSPARE_APP_STATE' })
    const options = { folder: '/proc/nowhere', clock: new TestClock(), changed: () => {}, record: () => {} }
    await expect(new PeopleFiles(options).start()).rejects.toMatchObject({ code: 'HOTSPARE_APP_STATE' })
  })

  it('makes the folders above its own', async () => {
    const state = join(await folder(), 'a', 'b')
    await setWord(state, 'hold', 'x')
    expect(await readWord(state, 'hold')).toMatchObject({ because: 'x' })
  })

  it('keeps what was said, with its reason on one line, until it is taken back', async () => {
    const state = await folder()
    expect(await readWord(state, 'hold')).toBeUndefined()
    await setWord(state, 'hold', 'new switch\nin rack 4')
    expect(await readWord(state, 'hold')).toMatchObject({ because: 'new switch in rack 4' })
    expect([await liftWord(state, 'hold'), await liftWord(state, 'hold')]).toEqual([true, false])
    expect(await readWord(state, 'hold')).toBeUndefined()
  })

  it('takes an empty file for a word without a reason', async () => {
    const state = await folder()
    await mkdir(state)
    await writeFile(peopleFile(state, 'maintenance'), '')
    expect((await readWord(state, 'maintenance'))?.because).toBe('no reason was given')
  })

  // Once two readings could overtake each other: a hold that had just been set was lifted again for a moment.
  it('never goes back to what was before, however readings and words meet', async () => {
    const state = await folder()
    const types: string[] = []
    const people = new PeopleFiles({ folder: state, clock: new TestClock(), changed: () => {}, record: ({ type }) => types.push(type) })
    await people.start()
    const readings = Array.from({ length: 20 }, () => people.read())
    await setWord(state, 'hold', 'now')
    readings.push(people.read())
    await Promise.all(readings)
    expect(types).toEqual(['hold-set'])
    people.stop()
  })

  it('sees what is written by hand while it runs, and tells once', async () => {
    const state = await folder()
    const clock = new TestClock()
    const changed = vi.fn<() => void>()
    const types: string[] = []
    const people = new PeopleFiles({ folder: state, clock, changed, record: ({ type }) => types.push(type) })
    await people.start()
    expect(people.hold).toBeUndefined()
    await writeFile(peopleFile(state, 'hold'), 'by hand')
    await people.read()
    await people.read()
    expect(people.hold?.because).toBe('by hand')
    expect(changed).toHaveBeenCalledTimes(1)
    await liftWord(state, 'hold')
    await people.read()
    expect(types).toEqual(['hold-set', 'hold-lifted'])
    people.stop()
    expect(clock.pendingTimers).toBe(0)
  })
})
