import { CloudError } from '@hotspare/cloud'
import { describe, expect, it } from 'vitest'
import { applyRecords, type RecordCalls } from './apply-records.ts'

const record = (id: string) => ({ id, value: `value-${id}`, ttlSeconds: 60 })
const changes = { updates: [record('1'), record('2')], creates: [{ value: 'new', ttlSeconds: 60 }], deletes: ['3'] }

/** Calls that are written down, of which one fails. */
function calls(failing?: string, how: () => boolean = () => true): RecordCalls & { readonly made: string[] } {
  const made: string[] = []
  const make = (call: string) => {
    made.push(call)
    return call === failing ? how() : true
  }
  return {
    made,
    update: async ({ id }) => make(`update ${id}`),
    create: async ({ value }) => void make(`create ${value}`),
    remove: async (id) => void make(`remove ${id}`),
  }
}

const refuse = () => {
  throw new CloudError({ who: 'test', fault: 'limited', why: 'too many', retryAfterMs: 5_000 })
}

describe('applyRecords', () => {
  it('has changed nothing where the first record has gone', async () => {
    const first = calls('update 1', () => false)
    expect(await applyRecords('test', changes, first)).toBe(false)
    expect(first.made).toEqual(['update 1'])
  })

  it('says that it is unfinished where a later record has gone', async () => {
    await expect(
      applyRecords(
        'test',
        changes,
        calls('update 2', () => false),
      ),
    ).rejects.toMatchObject({ fault: 'busy' })
  })

  it('hands a refusal on that came before anything was changed', async () => {
    await expect(applyRecords('test', changes, calls('update 1', refuse))).rejects.toMatchObject({ fault: 'limited' })
  })

  it('does not pass a refusal in the middle off as one of all, and keeps its pause', async () => {
    for (const call of ['update 2', 'create new', 'remove 3']) {
      const applying = applyRecords('test', changes, calls(call, refuse))
      await expect(applying).rejects.toMatchObject({ fault: 'unavailable', retryAfterMs: 5_000 })
    }
  })

  it('rewrites, then makes, then takes away', async () => {
    const all = calls()
    expect(await applyRecords('test', changes, all)).toBe(true)
    expect(all.made).toEqual(['update 1', 'update 2', 'create new', 'remove 3'])
  })
})
