import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { renderRunbook } from './render-runbook.ts'
import { nodesOf, strangersIn, textOf, typedIn } from './parsed.fixture.ts'
import { keep, release, takeover } from './runbooks.fixture.ts'
import type { RunbookInput } from './input.ts'

const runbooks: readonly [string, RunbookInput][] = [
  ['switchover-keep', keep],
  ['switchover-release', release],
  ['manual-takeover', takeover],
]

/** What must be typed for the plan itself, in order. */
const typedFor = ({ plan }: RunbookInput): readonly string[] =>
  plan.steps.flatMap(({ manual, verification, undo }) => [manual.join('\n'), verification.command, ...(undo ? [undo.join('\n')] : [])])

const isSubsequence = (part: readonly string[], whole: readonly string[]): boolean => {
  let at = 0
  for (const text of whole) if (text === part[at]) at += 1
  return at === part.length
}

describe.each(runbooks)('%s', (name, input) => {
  const markdown = renderRunbook(input)
  const nodes = nodesOf(markdown)
  const headings = nodes.filter(({ type }) => type === 'heading').map(textOf)

  it('reads as its golden file', async () => {
    await expect(markdown).toMatchFileSnapshot(`golden/${name}.md`)
  })

  it('holds every node that runs before anything else is typed', () => {
    const off = input.mode === 'manual-takeover' ? input.off : []
    const held = input.nodes.filter((node) => !off.includes(node.name))
    expect(headings.slice(1, 2 + held.length)).toEqual(['Part A: switch the automation off', ...held.map((node) => `Hold on ${node.name}`)])
    const [set, byHand] = typedIn(nodesOf(markdown))
    expect(set).toMatch(/^hotspare hold set --because /)
    expect(byHand).toMatch(/^mkdir -p \/var\/lib\/hotspare\nprintf .* > \/var\/lib\/hotspare\/hold$/)
  })

  it('gives each command of the plan back as it is, in the order of the plan', () => {
    expect(isSubsequence(typedFor(input), typedIn(nodesOf(markdown)))).toBe(true)
  })

  it('says before every block on which machine it is typed', () => {
    const blocks = markdown.split('\n\n')
    const unplaced = blocks.filter((block, index) => block.startsWith('```sh') && !/\bon\s[^:]*:$/i.test(blocks[index - 1] ?? ''))
    expect(unplaced).toEqual([])
  })

  it('has a stop and a box for every step, and says the number of boxes as minutes', () => {
    const boxes = nodes.filter(({ checked }) => checked === false)
    expect(boxes.map(textOf).filter((text) => text.includes('is done and checked'))).toHaveLength(input.plan.steps.length)
    expect(markdown.match(/\*\*Stop here if the check fails\.\*\*/g)).toHaveLength(input.plan.steps.length)
    expect(markdown).toContain(`some ${boxes.length} minutes by hand`)
  })

  it('takes the hold back last, first on the node that is active then', () => {
    const end = typedIn(nodesOf(markdown.slice(markdown.indexOf('### Take the hold back'))))
    expect(end[0]).toBe(input.hold.lift ?? 'hotspare hold lift')
    expect(markdown.slice(markdown.indexOf('### Take the hold back'))).toMatch(/^[^`]*`hotspare plan`[^`]*On `web-2`/)
  })

  it('is made of what a runbook is made of, in lines that fit on paper', () => {
    expect(strangersIn(nodes)).toEqual([])
    const inBlocks = new Set(nodes.filter(({ type }) => type === 'code').flatMap(({ value }) => value?.split('\n') ?? []))
    const long = markdown.split('\n').filter((line) => line.length > 78 && !line.startsWith('|') && !inBlocks.has(line))
    expect(long).toEqual([])
  })
})

describe('a manual takeover', () => {
  const markdown = renderRunbook(takeover)

  it('asks for the proof between the hold and the first step, and stops whoever has none, with the consequence', () => {
    const order = [
      'Part A: switch',
      'Part B: prove',
      'Way 1',
      'Way 2',
      'STOP: whoever cannot prove it',
      'two holders',
      'Part C: the steps',
      'Step 1 of 1',
    ]
    const places = order.map((text) => markdown.indexOf(text))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(places).not.toContain(-1)
    expect(markdown).toContain('both would write')
    expect(renderRunbook({ ...takeover, service: { onControlLoss: 'keep' } })).not.toContain('both would write')
  })

  it('has nothing typed on the dead node before it comes back, and then the hold comes first, at its console', () => {
    const [before = '', after = ''] = markdown.split('## Part E')
    expect(before).not.toMatch(/on `web-1`[^:`]*:$/im)
    expect(typedIn(nodesOf(after))[0]).toContain('> /var/lib/hotspare/hold')
    expect(after).toMatch(/On the console of `web-1`:/)
  })

  it('counts the ways, and asks for every node that is thought dead', () => {
    const nodes = [...takeover.nodes, { name: 'web-3', holdFile: '/h/hold' }]
    const [proof] = takeover.proofOfOff
    if (!proof) throw new Error('the fixture has a proof')
    const two = renderRunbook({
      ...takeover,
      nodes,
      off: ['web-1', 'web-3'],
      proofOfOff: [proof, { ...proof, node: 'web-3', on: undefined }],
    })
    expect(two.replaceAll('\n', ' ')).toContain('If you can still log in to `web-1` and `web-3`')
    expect(two.match(/There is one way to do it\./g)).toHaveLength(2)
    expect(two).toContain('### Proof that `web-3` is off')
  })
})

test('an undo that is declared is printed, with the order in which steps are taken back', () => {
  const undone = { ...keep, plan: { ...keep.plan, steps: keep.plan.steps.map((step) => ({ ...step, undo: ['echo back'] })) } }
  expect(renderRunbook(undone)).toContain('To take step 1 back, while no later step stands, on `web-1`:\n\n```sh\necho back\n```')
  expect(renderRunbook(release).match(/There is no safe way\s+back/g)).toHaveLength(2)
})

test('without contacts, times and places it can be followed too', () => {
  const bare = {
    ...keep,
    contacts: undefined,
    nodes: keep.nodes.map(({ name, holdFile }) => ({ name, holdFile })),
    service: { onControlLoss: 'keep' as const },
  }
  const markdown = renderRunbook({
    ...bare,
    plan: { ...bare.plan, from: undefined, steps: bare.plan.steps.map((step) => ({ ...step, tookMs: undefined })) },
  })
  expect(markdown).toContain('and get help.')
  expect(markdown).toContain('**Move:** to `web-2`.')
  expect(markdown).toContain('| not known |')
  expect(markdown).not.toContain('undefined')
})

describe('whatever the configuration holds', () => {
  /** No control characters: those are refused. */
  const typed = fc
    .array(
      fc.oneof(
        fc.constantFrom('```', '`', '~~~', '<b>', '[a](b)', 'http://a.b', '#', '- [ ] ', '\n', '|', '\t', "'", '"'),
        fc.stringMatching(/^[ -~]{0,9}$/),
      ),
    )
    .map((all) => all.join(''))
    .filter((text) => text.trim() !== '' && !text.endsWith('\\'))
  const name = fc
    .stringMatching(/^[!-~](?:[ -~]{0,10}[!-~])?$/)
    .map((text) => text.replaceAll(/ +/g, ' '))
    .filter((text) => !text.endsWith('\\'))
  const free = fc.oneof(fc.string({ unit: 'binary' }), typed)

  it('every command comes back verbatim, and nothing becomes HTML, a link or a block of its own', () => {
    fc.assert(
      fc.property(
        fc.record({
          one: name,
          two: name,
          service: name,
          because: free,
          what: free,
          impact: free,
          reach: free,
          person: free,
          version: free,
          manual: fc.array(typed, { minLength: 1, maxLength: 3 }),
          command: typed,
          undo: typed,
        }),
        (values) => {
          fc.pre(values.one !== values.two)
          const nodes = [
            { name: values.one, reach: values.reach, site: values.what, holdFile: '/x/hold' },
            { name: values.two, holdFile: `/${values.one.replaceAll('/', '')}x` },
          ]
          const steps = takeover.plan.steps.map((step) => ({
            ...step,
            node: values.two,
            what: values.what || 'x',
            manual: values.manual,
            verification: { command: values.command, expect: '^$' },
            undo: [values.undo],
          }))
          const input: RunbookInput = {
            ...takeover,
            plan: { ...takeover.plan, service: values.service, because: values.because, from: values.one, to: values.two, steps },
            nodes,
            contacts: [{ name: values.person, role: values.what, phone: values.reach, email: values.person }],
            hold: { because: values.because },
            service: {
              onControlLoss: 'keep',
              impact: values.impact,
              finalChecks: [{ what: values.what, on: values.impact, verification: { command: values.command, expect: 'x' } }],
            },
            off: [values.one],
            proofOfOff: [
              {
                node: values.one,
                what: values.impact || 'x',
                on: values.because,
                manual: values.manual,
                verification: { command: values.command, expect: '^$' },
              },
            ],
            version: values.version,
          }
          const markdown = renderRunbook(input)
          const found = nodesOf(markdown)
          expect(strangersIn(found)).toEqual([])
          const blocks = typedIn(found)
          expect(blocks).toHaveLength(16)
          expect(blocks.slice(3, 8)).toEqual([
            values.manual.join('\n'),
            values.command,
            values.manual.join('\n'),
            values.command,
            values.undo,
          ])
          expect(found.filter(({ type }) => type === 'heading')).toHaveLength(12)
          expect(found.filter(({ checked }) => checked === false)).toHaveLength(8)
        },
      ),
      { numRuns: 60 },
    )
  })
})
