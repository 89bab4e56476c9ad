import { memoryRegister } from './memory.ts'
import type { LeaseRegister } from './register.ts'

/** What happens to a call: it is done and answered, done and not answered, or not done. */
export type Fate =
  | 'answered'
  /** The write arrives, the answer never does. */
  | 'answer-lost'
  /** The call never arrives, and nothing is heard. */
  | 'lost'
  /** Refused at once, with this text. */
  | { readonly throws: string }
  /** Done at once, answered when the promise resolves. */
  | { readonly answeredAfter: Promise<void> }

export interface ScriptedRegister extends LeaseRegister {
  /** What happens to every call from now on; others that share the store are not touched. */
  fate: Fate
  /** Where its calls go; another store has other records. */
  store: LeaseRegister
  /** Another client of the same store. */
  another(): ScriptedRegister
  readonly calls: string[]
}

/** A register in memory whose network misbehaves as told. */
export function scriptedRegister(store: LeaseRegister = memoryRegister()): ScriptedRegister {
  const suffer = async <Answer>(kind: string, work: () => Promise<Answer>): Promise<Answer> => {
    const { fate } = register
    register.calls.push(kind)
    if (fate === 'lost') return forever()
    if (typeof fate === 'object' && 'throws' in fate) throw new Error(fate.throws)
    const answer = await work()
    if (fate === 'answer-lost') return forever()
    if (typeof fate === 'object') await fate.answeredAfter
    return answer
  }
  const register: ScriptedRegister = {
    description: 'scripted',
    fate: 'answered',
    store,
    calls: [],
    another: () => scriptedRegister(register.store),
    read: (name) => suffer('read', () => register.store.read(name)),
    compareAndSwap: (name, expected, next) => suffer('swap', () => register.store.compareAndSwap(name, expected, next)),
    async close() {},
  }
  return register
}

/** A promise that the test resolves. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open: () => open() }
}

function forever<Answer>(): Promise<Answer> {
  return new Promise<Answer>(() => {})
}
