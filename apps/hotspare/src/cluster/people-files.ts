import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, clipDetail, errorCode, errorText, HotspareError, type Timer } from '@hotspare/core'
import type { PeopleEvent } from './events.ts'

/** What people have decided about a node, each a file in its state folder: it is there, or not. */
export type PeopleWord = 'hold' | 'maintenance'

/** A word of people, with what they wrote into its file. */
export interface SpokenWord {
  /** Milliseconds since the Unix epoch. */
  readonly since: number
  readonly because: string
}

/** How often the files are looked at. */
const LOOK_MS = 250
/** The most that is read of a reason. */
const LONGEST_REASON = 500
const NO_REASON = 'no reason was given'

/** @returns the file of a word, by its absolute path; what people may write by hand */
export function peopleFile(stateFolder: string, word: PeopleWord): string {
  return join(stateFolder, word)
}

/**
 * Writes a word down, so that it outlives every process. The file is whole at any moment.
 *
 * @throws HotspareError `HOTSPARE_APP_STATE` when the folder cannot be written
 */
export async function setWord(stateFolder: string, word: PeopleWord, because: string): Promise<void> {
  const file = peopleFile(stateFolder, word)
  try {
    await mkdir(stateFolder, { recursive: true })
    const temporary = `${file}.${process.pid}.tmp`
    const handle = await open(temporary, 'w')
    await handle.writeFile(`${clipDetail(because, LONGEST_REASON)}\n`)
    await handle.sync()
    await handle.close()
    await rename(temporary, file)
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
export async function liftWord(stateFolder: string, word: PeopleWord): Promise<boolean> {
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
export async function readWord(stateFolder: string, word: PeopleWord): Promise<SpokenWord | undefined> {
  const file = peopleFile(stateFolder, word)
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)])
    return { since: Math.round(mtimeMs), because: clipDetail(text, LONGEST_REASON) || NO_REASON }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    // Man before machine: what people may have said is not passed over because a disk fails.
    return { since: 0, because: `${file} cannot be read (${errorText(error)}), so it may say anything` }
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
      await mkdir(this.#folder, { recursive: true })
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

  /** Reads the files now. Never rejects. */
  async read(): Promise<void> {
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
    message: `${what}: ${errorText(cause)}; set cluster.state to a folder that hotspare may write`,
    cause,
  })
}
