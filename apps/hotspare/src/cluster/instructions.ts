import { assertNever } from '@hotspare/core'
import type { Resource } from '@hotspare/core/plan'
import type { Instructions, TimedInstruction } from '@hotspare/failover'
import type { ServiceCheckConfig, ServiceConfig } from '../config/config.ts'
import { peopleFile } from './people-files.ts'

export interface InstructionParts {
  readonly service: Pick<ServiceConfig, 'name' | 'check'>
  readonly resources: readonly Pick<Resource, 'id' | 'allowedMs' | 'instruction'>[]
  /** `cluster.state` */
  readonly stateFolder: string
  /** How long a lease may take to be had once it can be, and to be given back, in milliseconds. */
  readonly leaseMs: number
}

/** One call and its way there and back: the node only looks at what it knows. */
const PREPARE_MS = 2_000

/** Every step of a service's plans in words and commands: for the executor's limits and for people. */
export function instructionsFor({ service, resources, stateFolder, leaseMs }: InstructionParts): Instructions {
  const hold = peopleFile(stateFolder, 'hold')
  return {
    prepare: (node) => ({
      what: `Make sure that ${node} could serve ${service.name}: its own check passes there.`,
      ...checkCommands(service.check),
      allowedMs: PREPARE_MS,
    }),
    lease: (verb, node) => ({
      what:
        verb === 'take'
          ? `Take the lease of ${service.name} for ${node}. By hand, the hold on every node stands in for it: no machine acts meanwhile.`
          : `Give the lease of ${service.name} back on ${node}. By hand, the hold on every node stands in for it: no machine acts meanwhile.`,
      manual: [`cat ${hold}`],
      verification: { command: `test -e ${hold} && echo held`, expect: '^held$' },
      allowedMs: leaseMs,
    }),
    resource(id, verb, node): TimedInstruction {
      const resource = resources.find((each) => each.id === id)
      if (!resource) throw new Error(`${service.name} has no resource ${id}`)
      return { ...resource.instruction(verb, node), allowedMs: resource.allowedMs[verb] }
    },
  }
}

/** A check, as people type it. */
export function checkCommands(check: ServiceCheckConfig): Pick<TimedInstruction, 'manual' | 'verification'> {
  switch (check.type) {
    case 'http': {
      const host = check.host === undefined ? '' : ` -H ${quoted(`Host: ${check.host}`)}`
      const command = `curl -sS -o /dev/null -m 5 -w '%{http_code}\\n'${host} ${quoted(check.url)}`
      return { manual: [command], verification: { command, expect: statusPattern(check.status) } }
    }
    case 'tcp': {
      const command = `timeout 5 bash -c ${quoted(`: < /dev/tcp/${check.host}/${check.port}`)} && echo open`
      return { manual: [command], verification: { command, expect: '^open$' } }
    }
    default:
      return assertNever(check)
  }
}

/** `200-299,304` as a pattern: every code that it names. */
function statusPattern(status: string): string {
  const codes = status.split(',').flatMap((part) => {
    const [first = '', last = first] = part.trim().split('-')
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => Number(first) + index)
  })
  const whole = [1, 2, 3, 4, 5].filter((hundred) =>
    Array.from({ length: 100 }, (_, rest) => hundred * 100 + rest).every((code) => codes.includes(code)),
  )
  const single = codes.filter((code) => !whole.includes(Math.floor(code / 100)))
  return `^(${[...whole.map((hundred) => `${hundred}\\d\\d`), ...single].join('|')})$`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
