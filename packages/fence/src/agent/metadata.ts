import { clipDetail } from '@hotspare/core'
import { XMLParser } from 'fast-xml-parser'
import { z } from 'zod'

/** What an agent says of itself. */
export interface AgentMetadata {
  readonly name: string
  readonly description: string
  readonly parameters: readonly AgentParameter[]
  readonly actions: readonly string[]
}

export interface AgentParameter {
  readonly name: string
  readonly required: boolean
  readonly description: string
}

const text = z.union([z.string(), z.number(), z.object({ '#text': z.union([z.string(), z.number()]) }).transform((node) => node['#text'])])
const many = <Each>(each: z.ZodType<Each>) => z.preprocess((value) => (value === undefined ? [] : [value].flat()), z.array(each))
const description = z
  .preprocess((value) => [value].flat()[0] ?? '', z.union([text, z.unknown().transform(() => '')]))
  .transform((value) => clipDetail(String(value)))

const documentSchema = z.object({
  'resource-agent': z.object({
    '@name': z.coerce.string(),
    '@shortdesc': z.coerce.string().default(''),
    parameters: z
      .object({
        parameter: many(z.object({ '@name': z.coerce.string(), '@required': z.coerce.string().default('0'), shortdesc: description })),
      })
      .or(z.literal('').transform(() => ({ parameter: [] })))
      .default({ parameter: [] }),
    actions: z
      .object({ action: many(z.object({ '@name': z.coerce.string() })) })
      .or(z.literal('').transform(() => ({ action: [] })))
      .default({ action: [] }),
  }),
})

/** @returns undefined for what is no metadata of an agent */
export function readMetadata(xml: string): AgentMetadata | undefined {
  // Entities of a document type could grow without bound, and agents have none.
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', processEntities: false, parseTagValue: false })
  try {
    const { 'resource-agent': agent } = documentSchema.parse(parser.parse(xml))
    return {
      name: agent['@name'],
      description: clipDetail(agent['@shortdesc']),
      parameters: agent.parameters.parameter.map((each) => ({
        name: each['@name'],
        required: each['@required'] === '1',
        description: each.shortdesc,
      })),
      actions: agent.actions.action.map((each) => each['@name']),
    }
  } catch {
    return undefined
  }
}

/** Every agent of the library takes `port` for what its metadata calls `plug`, and the other old names of Red Hat's. */
const OLD_NAMES: Readonly<Record<string, string>> = { port: 'plug', ipaddr: 'ip', login: 'username', passwd: 'password', option: 'action' }

/** Options that the agent does not know: it passes them over with a warning that nobody reads, and fences something else. */
export function unknownOptions({ parameters }: AgentMetadata, names: readonly string[]): readonly string[] {
  const known = new Set(parameters.map(({ name }) => name.replaceAll('-', '_')))
  return names.filter((name) => {
    const plain = name.replaceAll('-', '_')
    return !known.has(plain) && !known.has(OLD_NAMES[plain] ?? plain)
  })
}
