import { abortReason } from '@hotspare/core'
import { addressText, type Answer, type AnswerRecord, type Ask, type Asked, type AskedQuestion } from './answer.ts'

/** What a server of a test does with a question. */
export type FakeServer = (question: AskedQuestion) => Asked | Promise<Asked>

/** Servers by their addresses, as a test makes them up, and all that they were asked. */
export class FakeNetwork {
  readonly #servers = new Map<string, FakeServer>()
  readonly asked: AskedQuestion[] = []

  /** @param address as {@link addressText} writes it */
  at(address: string, server: FakeServer): this {
    this.#servers.set(address, server)
    return this
  }

  readonly ask: Ask = async (question, { signal }) => {
    if (signal?.aborted) throw abortReason(signal)
    this.asked.push(question)
    const server = this.#servers.get(addressText(question.server))
    return server === undefined ? silent('no answer') : server(question)
  }
}

export function silent(because: string, here = false): Asked {
  return { kind: 'silent', because, here }
}

export function answer(more: Partial<Answer> = {}): Asked {
  return { kind: 'answer', answer: { rcode: 'NOERROR', authoritative: true, answers: [], authorities: [], additionals: [], ...more } }
}

/** `www.example.com 30 A 192.0.2.1`: one record of each line. */
export function records(lines: string): readonly AnswerRecord[] {
  const texts = lines.split('\n').map((line) => line.trim())
  return texts.filter(Boolean).map((line) => {
    const [name = '', ttl = '', type = '', ...value] = line.split(/\s+/)
    return { name, type, ttlSeconds: Number(ttl), value: value.join(' ') }
  })
}

/** Speaks for a zone with these records; `lines` is asked anew for each question, so that it can change. */
export function authoritative(zone: string, lines: string | (() => string)): FakeServer {
  return ({ name, type }) => {
    if (name !== zone && !name.endsWith(`.${zone}`)) return answer({ rcode: 'REFUSED', authoritative: false })
    const all = records(typeof lines === 'string' ? lines : lines())
    const own = all.filter((record) => record.name === name)
    const answers = own.filter((record) => record.type === type || record.type === 'CNAME')
    return answer({ answers, rcode: own.length === 0 && name !== zone ? 'NXDOMAIN' : 'NOERROR' })
  }
}

/** Has the zone above, and refers to the name servers of the one below; `lines` are NS records and their glue. */
export function referring(zone: string, lines: string): FakeServer {
  return ({ name }) => {
    if (name !== zone && !name.endsWith(`.${zone}`)) return answer({ rcode: 'REFUSED', authoritative: false })
    const all = records(lines)
    return answer({
      authoritative: false,
      authorities: all.filter(({ type }) => type === 'NS'),
      additionals: all.filter(({ type }) => type !== 'NS'),
    })
  }
}

/** Finds everything out that stands in its lines; asked for recursion alone. */
export function resolver(lines: string): FakeServer {
  return ({ name, type, recursion }) => {
    if (!recursion) return answer({ rcode: 'REFUSED', authoritative: false })
    const all = records(lines)
    const answers = all.filter((record) => record.name === name && record.type === type)
    return answer({ authoritative: false, answers, rcode: all.some((record) => record.name === name) ? 'NOERROR' : 'NXDOMAIN' })
  }
}
