import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'

interface Node {
  readonly type: string
  readonly value?: string
  readonly lang?: string | null
  readonly checked?: boolean | null
  readonly depth?: number
  readonly children?: readonly Node[]
}

/** @returns every node of the document, in the order of reading, as GitHub's Markdown has it */
export function nodesOf(markdown: string): readonly Node[] {
  const root = fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }) as Node
  const flat = (node: Node): readonly Node[] => [node, ...(node.children ?? []).flatMap(flat)]
  return flat(root)
}

export function textOf(node: Node): string {
  return node.value ?? (node.children ?? []).map(textOf).join('')
}

/** The blocks that are typed, in order. */
export function typedIn(nodes: readonly Node[]): readonly string[] {
  return nodes.flatMap((node) => (node.type === 'code' && node.lang === 'sh' ? [node.value ?? ''] : []))
}

/** The kinds of nodes that a runbook is made of; any other came in from outside. */
export function strangersIn(nodes: readonly Node[]): readonly string[] {
  const ours = new Set([
    'root',
    'heading',
    'paragraph',
    'text',
    'inlineCode',
    'strong',
    'code',
    'list',
    'listItem',
    'table',
    'tableRow',
    'tableCell',
  ])
  return nodes.map(({ type }) => type).filter((type) => !ours.has(type))
}
