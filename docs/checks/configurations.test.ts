import { parseConfig } from 'hotspare'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { type Block, blocksOf, pages } from './markdown-blocks.ts'

/** What a block that shows a part of a file is completed with. */
const REST = {
  pools: { shop: { targets: ['http://10.0.0.11:8080'] } },
  proxies: [{ listen: '127.0.0.1:8080', pool: 'shop' }],
}

/** The same for a block that shows services alone. */
const AROUND_SERVICES = {
  cluster: {
    nodes: { 'web-1': { peer: '10.0.0.1:7401' }, 'web-2': { peer: '10.0.0.2:7401' } },
    secret: '0123456789abcdef0123456789abcdef',
    arbiter: { type: 'etcd', endpoints: ['http://10.0.0.5:2379'], ttl: '2s' },
  },
  dns: { providers: { main: { type: 'rfc2136', server: '192.0.2.53' } } },
}

/** What the pages take from elsewhere. */
const ENV = {
  HOTSPARE_TOKEN: '0123456789abcdef0123456789abcdef',
  OPS_WEBHOOK: 'https://chat.example.com/hooks/1',
  OPS_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
  MAIL_PASSWORD: 'correct horse',
  AWS_KEY: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  CF_TOKEN: '0123456789abcdef0123456789abcdef01234567',
}

function textOf({ words, text }: Block): string {
  if (words.includes('full')) return text
  const part: object = parse(text)
  // Who has an engine need not have a proxy.
  const { pools, proxies } = REST
  return stringify({ pools, ...('engines' in part ? {} : { proxies }), ...('services' in part ? AROUND_SERVICES : {}), ...part })
}

describe('the configurations on the pages', () => {
  const blocks = pages()
    .flatMap(blocksOf)
    .filter(({ words }) => words[0] === 'yaml')

  it('are there', () => {
    expect(blocks.length).toBeGreaterThan(5)
  })

  it.each(blocks.map((block) => [block.source, block] as const))('%s is accepted, without a warning', async (source, block) => {
    const readFile = () => Promise.resolve(Buffer.from('0123456789abcdef0123456789abcdef\n'))
    const { warnings } = await parseConfig(textOf(block), { file: source, env: ENV, hostname: 'web-1', readFile })
    expect(warnings).toEqual([])
  })
})
