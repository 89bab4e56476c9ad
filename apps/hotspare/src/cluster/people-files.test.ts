import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises'
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
