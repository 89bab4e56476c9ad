import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Clock, clipDetail, errorCode, errorText, HotspareError, type Timer } from '@hotspare/core'
import type { PeopleEvent } from './events.ts'

/** What people have decided about a node, each a file in its state folder: it is there, or not. */
export type PeopleWord = 'hold' | 'maintenance'

/** People have seen that another node is off; said of a node by its name. */
export type FenceWord = `fenced.${string}`

/** A word of people, with what they wrote into its file. */
export interface SpokenWord {
  /** Milliseconds since the Unix epoch. */
  readonly since: number
  readonly because: string
}

/** How often the files are looked at. */
const LOOK_MS = 250
/** The most characters that are kept of a reason. */
const LONGEST_REASON = 500
/** The most that is read of a file, whatever somebody has put there: a reason in the widest script, and spaces around it. */
const MOST_BYTES = 4_096
const NO_REASON = 'no reason was given'

/** @returns the file of a word, by its absolute path; what people may write by hand */
export function peopleFile(stateFolder: string, word: PeopleWord | FenceWord): string {
  return join(stateFolder, word)
}

/**
 * Writes a word down, so that it outlives every process. The file is whole at any moment.
 *
 * @throws HotspareError `HOTSPARE_APP_STATE` when the folder cannot be written
 */
export async function setWord(stateFolder: string, word: PeopleWord | FenceWord, because: string): Promise<void> {
  const file = peopleFile(stateFolder, word)
  try {
    await makeFolder(stateFolder)
    // A name of its own: two may speak at once.
    const temporary = `${file}.${randomUUID()}.tmp`
    try {
      await writeSafely(temporary, `${clipDetail(because, LONGEST_REASON)}\n`)
      await rename(temporary, file)
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {})
      throw error
    }
    await syncFolder(stateFolder)
  } catch (error) {
    throw stateError(`${file} cannot be written`, error)
  }
}

/**
 * Takes a word back.
 *
 * @returns whether it was there
 * @throws HotspareError `HOTSPARE_APP_STATE`
 */
export async function liftWord(stateFolder: string, word: PeopleWord | FenceWord): Promise<boolean> {
  const file = peopleFile(stateFolder, word)
  try {
    await rm(file)
    await syncFolder(stateFolder)
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw stateError(`${file} cannot be removed`, error)
  }
}

/** @returns the word as it stands in its file; undefined where there is none. One that cannot be read counts as spoken. */
export async function readWord(stateFolder: string, word: PeopleWord | FenceWord): Promise<SpokenWord | undefined> {
  const file = peopleFile(stateFolder, word)
  try {
    const { text, writtenAt } = await readStart(file)
    return { since: writtenAt, because: clipDetail(text, LONGEST_REASON) || NO_REASON }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    // Man before machine: what people may have said is not passed over because a disk fails.
    return { since: 0, because: `${file} cannot be read (${errorText(error)}), so it may say anything` }
  }
}

async function readStart(file: string): Promise<{ readonly text: string; readonly writtenAt: number }> {
  // A pipe that nobody writes to would hold the opening up for ever, and with it every later look.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const { mtimeMs } = await handle.stat()
    const { bytesRead, buffer } = await handle.read({ buffer: Buffer.alloc(MOST_BYTES) })
    return { text: buffer.toString('utf8', 0, bytesRead), writtenAt: Math.round(mtimeMs) }
  } finally {
    await handle.close()
  }
}

export interface PeopleFilesOptions {
  /** `cluster.state` */
  readonly folder: string
  readonly clock: Clock
  /** Another word stands than before. */
  readonly changed: () => void
  readonly record: (event: PeopleEvent) => void
}

/** Follows the files of people, whoever writes them. */
export class PeopleFiles {
  readonly #folder: string
  readonly #clock: Clock
  readonly #changed: () => void
  readonly #record: (event: PeopleEvent) => void
  #words: Readonly<Record<PeopleWord, SpokenWord | undefined>> = { hold: undefined, maintenance: undefined }
  #timer: Timer | undefined
  #reading: Promise<void> = Promise.resolve()
  #stopped = false

  constructor({ folder, clock, changed, record }: PeopleFilesOptions) {
    this.#folder = folder
    this.#clock = clock
    this.#changed = changed
    this.#record = record
  }

  get hold(): SpokenWord | undefined {
    return this.#words.hold
  }

  get maintenance(): SpokenWord | undefined {
    return this.#words.maintenance
  }

  /** Makes sure of the folder and reads it once, before anything is done. @throws HotspareError `HOTSPARE_APP_STATE` */
  async start(): Promise<void> {
    try {
      await makeFolder(this.#folder)
    } catch (error) {
      throw stateError(`the state folder ${this.#folder} cannot be made`, error)
    }
    await this.read()
    this.#later()
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
  }

  /**
   * Reads the files now. One reading at a time: an earlier one that came to its end later would undo what has been said since.
   * Never rejects.
   */
  read(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#read())
    return this.#reading
  }

  async #read(): Promise<void> {
    const [hold, maintenance] = await Promise.all([readWord(this.#folder, 'hold'), readWord(this.#folder, 'maintenance')])
    const before = this.#words
    this.#words = { hold, maintenance }
    const changes = [this.#tell('hold', before.hold, hold), this.#tell('maintenance', before.maintenance, maintenance)]
    if (changes.includes(true)) this.#changed()
  }

  /** @returns whether there is anything to tell */
  #tell(word: PeopleWord, before: SpokenWord | undefined, now: SpokenWord | undefined): boolean {
    if (before?.since === now?.since && before?.because === now?.because) return false
    const at = this.#clock.wallMs()
    this.#record(now ? { type: `${word}-set`, at, because: now.because } : { type: `${word}-lifted`, at })
    return true
  }

  #later(): void {
    if (this.#stopped) return
    this.#timer = this.#clock.schedule(LOOK_MS, () => void this.read().then(() => this.#later()))
  }
}

/**
 * Makes a folder and those above it. Not by `recursive`: where a file system has no such names, as /proc, Node tries for ever,
 * and neither a signal nor the end of the process ends that.
 */
async function makeFolder(folder: string): Promise<void> {
  const mkdirOnce = () =>
    mkdir(folder).catch(async (error: unknown) => {
      if (errorCode(error) !== 'EEXIST' || !(await stat(folder)).isDirectory()) throw error
    })
  try {
    await mkdirOnce()
  } catch (error) {
    const parent = dirname(folder)
    if (errorCode(error) !== 'ENOENT' || parent === folder) throw error
    await makeFolder(parent)
    await mkdirOnce()
  }
}

/** @returns when it is on the disk */
async function writeSafely(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx')
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A new name in a folder is safe once the folder is written. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function stateError(what: string, cause: unknown): HotspareError {
  return new HotspareError({
    code: 'HOTSPARE_APP_STATE',
    message: `${what}: ${errorText(cause)}; act as the user that hotspare runs as, or set cluster.state to a folder that it may write`,
    cause,
  })
}
