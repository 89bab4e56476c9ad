import { dirname } from 'node:path'
import type { FileCalls } from './disk.ts'

interface Inode {
  cached: string
  /** What survives a power failure for certain; undefined while nothing was synced. */
  durable: string | undefined
}

/** One change of the folder, until the folder is synced. */
type FolderChange = (names: Map<string, Inode>) => void

function errno(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code })
}

/**
 * A folder with the promises of a file system and no more: what was not synced may be lost, or there in part, and
 * changes of the folder are lost from some point on, after a crash.
 */
export class SimulatedFiles implements FileCalls {
  #names = new Map<string, Inode>()
  #durableNames = new Map<string, Inode>()
  #unsynced: FolderChange[] = []
  /** Called before and after each call that changes something; may throw. */
  fault: (call: string, when: 'before' | 'after') => void = () => {}

  /** Everything is as after a power failure. @param pick a number below its argument */
  crash(pick: (below: number) => number): void {
    const names = new Map(this.#durableNames)
    for (const change of this.#unsynced.slice(0, pick(this.#unsynced.length + 1))) change(names)
    for (const inode of names.values()) {
      const torn = inode.cached.slice(0, pick(inode.cached.length + 1))
      if (inode.durable !== inode.cached) inode.cached = [inode.durable ?? '', inode.cached, torn][pick(3)] ?? ''
      inode.durable = inode.cached
    }
    this.#names = names
    this.#durableNames = new Map(names)
    this.#unsynced = []
    this.fault = () => {}
  }

  text(path: string): string | undefined {
    return this.#names.get(path)?.cached
  }

  readonly lstat: FileCalls['lstat'] = async (path) => {
    const { length: size } = this.#inode(path).cached
    return { isFile: () => true, size }
  }

  readonly readFile: FileCalls['readFile'] = async (path) => this.#inode(path).cached

  readonly open: FileCalls['open'] = async (path, flags) => {
    if (flags === 'r') return this.#folder(path)
    return this.#faulty('open', () => {
      const inode: Inode = this.#names.get(path) ?? { cached: '', durable: undefined }
      inode.cached = ''
      if (!this.#names.has(path)) this.#change((names) => names.set(path, inode))
      return {
        writeFile: async (text: string) => this.#faulty('write', () => void (inode.cached = text)),
        sync: async () => this.#faulty('sync', () => void (inode.durable = inode.cached)),
        close: async () => this.#faulty('close', () => {}),
      }
    })
  }

  readonly rename: FileCalls['rename'] = async (from, to) =>
    this.#faulty('rename', () => {
      const inode = this.#inode(from)
      this.#change((names) => {
        names.delete(from)
        names.set(to, inode)
      })
    })

  readonly rm: FileCalls['rm'] = async (path) => this.#faulty('rm', () => this.#change((names) => names.delete(path)))

  #folder(path: string) {
    return this.#faulty('open folder', () => ({
      writeFile: async () => {
        throw errno('EISDIR')
      },
      sync: async () =>
        this.#faulty('sync folder', () => {
          if ([...this.#names.keys()].some((name) => dirname(name) !== path)) throw errno('ENOENT')
          this.#durableNames = new Map(this.#names)
          this.#unsynced = []
        }),
      close: async () => this.#faulty('close folder', () => {}),
    }))
  }

  #change(change: FolderChange): void {
    change(this.#names)
    this.#unsynced.push(change)
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path)
    if (!inode) throw errno('ENOENT')
    return inode
  }

  #faulty<T>(call: string, work: () => T): T {
    this.fault(call, 'before')
    const result = work()
    this.fault(call, 'after')
    return result
  }
}
