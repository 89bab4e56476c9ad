import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bullets, code, fence, heading, inline, paragraph, table, task } from './markdown.ts'
import { nodesOf, strangersIn, textOf } from './parsed.fixture.ts'

const hostileWords =
  String.raw`<script>alert(1)</script> <b> --> <!-- [a](http://b) ![a](b) [a]: http://b [^1] [^1]: x https://evil.example/a_b
www.evil.example www a@b.example mailto:a@b.example <http://a> xmpp:a@b \@ \www.a.b http: //a.b @b.example .a.b ~~~ # ###### > - + * 1. 1)
123456789. --- === *** ___ = :- **a** * _a_ __ ~a~ ~~ | \| - \ \\ &lt; &#60; &copy [ ] [x] $$ $a$ {{ | - |`
    .split(/\s/)
    .concat(['```', '`', '``', '`a`', '\n', '\n\n', '\r', '    ', '\t', '  \n', '\u2028', '\u0000', '\u202E', '\uD800', '[ ]', '| - |'])

/** Words that mean something to a Markdown, in every order. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom(...hostileWords),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.string({ unit: 'grapheme-ascii', maxLength: 8 }),
    ),
    { maxLength: 30 },
  )
  .chain((words) => fc.constantFrom(' ', '', '\n').map((separator) => words.join(separator)))

test.each<[string, string, string]>([
  ['a tag', '<img src=x onerror=alert(1)>', String.raw`\<img src=x onerror=alert(1)\>`],
  ['a link', '[a](http://b)', '`[a](http://b)`'],
  ['an address, which a backslash would not keep from becoming a link', 'see www.example.com now', 'see `www.example.com` now'],
  ['the start of a list', '- a', String.raw`\- a`],
  ['a numbered list', '1. a', String.raw`1\. a`],
  ['a number that ends a sentence', 'the server 102.', 'the server 102.'],
  ['emphasis', '*a* _b_ c_d', String.raw`\*a\* \_b\_ c_d`],
  ['line breaks', 'a\n\n# b', String.raw`a \# b`],
])('%s in a value stays a text', (_, value, markdown) => {
  expect(paragraph(inline`${value}`)).toBe(markdown)
})

test('no value becomes anything but text, wherever it stands', () => {
  fc.assert(
    fc.property(hostileText, hostileText, (one, two) => {
      const markdown = [
        heading(1, inline`${one} and ${code(two)}`),
        paragraph(inline`**Ours:** ${one} and (${code(two)}), ${two}.`),
        paragraph(inline`${two}`),
        bullets([inline`${one}`, inline`${code(two)}`]),
        task(inline`${two}`),
        table(['a', 'b', 'c'], [[inline`${one}`, code(one), inline`${two}`]]),
        paragraph(inline`the end`),
      ].join('\n\n')
      const nodes = nodesOf(markdown)
      expect(strangersIn(nodes)).toEqual([])
      const count = (type: string): number => nodes.filter((node) => node.type === type).length
      expect([count('heading'), count('listItem'), count('tableCell'), count('code'), count('strong')]).toEqual([1, 3, 6, 0, 1])
      expect(textOf(nodes.findLast(({ type }) => type === 'paragraph') ?? { type: 'none' })).toBe('the end')
    }),
    { numRuns: 250 },
  )
})

test('words come out as they went in, apart from white space', () => {
  const visible = fc.stringMatching(/^[!-~]{1,12}$/)
  fc.assert(
    fc.property(fc.array(visible, { minLength: 1, maxLength: 30 }), (words) => {
      const [root] = nodesOf(paragraph(inline`${words.join(' ')}`))
      expect(textOf(root ?? { type: 'none' }).replaceAll('\n', ' ')).toBe(words.join(' '))
    }),
    { numRuns: 200 },
  )
})

test('a block comes out letter by letter, whatever fences are in it', () => {
  const content = fc
    .array(fc.oneof(fc.constantFrom('```', '````sh', '~~~', '\n', '    ', '\t', '`'), fc.stringMatching(/^[ -~]{0,12}$/)))
    .map((all) => all.join(''))
  fc.assert(
    fc.property(content, (text) => {
      const blocks = nodesOf(`a\n\n${fence('sh', text)}\n\nb`).filter(({ type }) => type === 'code')
      expect(blocks.map(({ value }) => value)).toEqual([text])
    }),
  )
})

test('lines are short enough for paper, and a name is never broken', () => {
  const markdown = paragraph(inline`${'word '.repeat(60)} ${code('ssh -J jump root@10.0.0.1')} ${'word '.repeat(10)}`)
  expect(Math.max(...markdown.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(78)
  expect(markdown).toContain('`ssh -J jump root@10.0.0.1`')
})
