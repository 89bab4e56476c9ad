import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Clock, errorCode, errorText, HotspareError, systemClock, withDeadline } from '@hotspare/core'
import { z } from 'zod'
import type { CounterStore } from './counter.ts'
import { counterDefaults } from './defaults.ts'
import { parseOptions } from './parse-options.ts'

export interface FileCounterOptions {
  /** Numbers that are reserved with one write: 10 to 1,000,000,000. Default: 6,000 */
  readonly blockSize?: number | undefined
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined
}

const blockSizeSchema: z.ZodType<number, number | undefined> = z.int().min(10).max(1_000_000_000).default(counterDefaults.blockSize)

/** What the file holds: every number up to this one may have been given out. */
const FILE_PATTERN = /^hotspare heartbeat counter 1: (\d{1,16})\n$/

/**
 * A counter in a file. Numbers are reserved in blocks, the next one long before the present one ends, so no beat ever waits for
 * the disk; what is left of a block when the counter is closed is given back. When the disk fails, beats go on; `problem()` tells.
 *
 * @param path in a folder that exists and that this process may write to; one file for each node
 * @throws HotspareError `HOTSPARE_HEARTBEAT_OPTIONS`
 */
export function fileCounter(path: string, options: FileCounterOptions = {}): CounterStore {
  const { clock = systemClock } = options
  const blockSize = parseOptions('heartbeat counter: blockSize', blockSizeSchema, options.blockSize)
  let last = 0
  /** What the file allows. */
  let reserved = 0
  let askAgainAt = 0
  let writing: Promise<void> | undefined
  let problem: string | undefined

  const reserve = async (upTo: number): Promise<void> => {
    await replaceFile(path, `hotspare heartbeat counter 1: ${upTo}\n`)
    reserved = upTo
  }
  /** As `reserve`; whether it worked shows in `problem`. */
  const tryToReserve = async (upTo: number): Promise<void> => {
    try {
      await reserve(upTo)
      problem = undefined
    } catch (error) {
      problem = errorText(error)
    }
  }
  const reserveAhead = (): void => {
    // A failed attempt is repeated a hundredth of a block later, not with every beat.
    askAgainAt = last + Math.ceil(blockSize / 100)
    writing ??= tryToReserve(Math.max(last, reserved) + blockSize).finally(() => void (writing = undefined))
  }

  return {
    async open({ signal, above = 0 } = {}) {
      await withDeadline(
        `counter ${path}`,
        counterDefaults.timeoutMs,
        async () => {
          last = Math.max(await readReserved(path), above, Math.floor(clock.wallMs()))
          await reserve(last + blockSize).catch((error: unknown) => {
            throw counterError(path, `cannot be written: ${errorText(error)}: check the folder and its rights`, error)
          })
        },
        { signal, clock },
      )
    },
    next() {
      last += 1
      if (reserved - last < blockSize / 2 && last >= askAgainAt) reserveAhead()
      return last
    },
    problem: () => problem,
    async close() {
      await writing
      // The rest of the block is given back: else each restart would put the numbers further ahead of the wall clock.
      if (last < reserved) await tryToReserve(last)
    },
  }
}

async function readReserved(path: string): Promise<number> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw counterError(path, `cannot be read: ${errorText(error)}`, error)
  })
  if (text === undefined) return 0
  const reserved = Number(FILE_PATTERN.exec(text)?.[1] ?? Number.NaN)
  if (Number.isSafeInteger(reserved)) return reserved
  throw counterError(path, 'is damaged: delete it if the wall clock of this machine is right: the counter then continues by it')
}

/** Replaces the file as a whole: after a power cut it is the old one or the new one. */
async function replaceFile(path: string, text: string): Promise<void> {
  // One name, so that crashes leave one such file at most.
  const draft = `${path}.tmp`
  try {
    await writeDurably(draft, text)
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {})
    throw error
  }
  await syncFolder(dirname(path))
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function counterError(path: string, what: string, cause?: unknown): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_HEARTBEAT_COUNTER', message: `heartbeat counter ${path}: ${what}`, cause })
}
