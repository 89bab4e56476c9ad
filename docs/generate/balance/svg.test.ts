import { expect, it } from 'vitest'
import { element, figure, text } from './svg.ts'

const picture = { id: 'p', title: 'a < b', desc: 'it says "{{ x }}"', caption: 'a & b', width: 100, height: 50, body: [] }

it('what the picture says can be neither markup nor a template', () => {
  const html = figure({ ...picture, body: [text(1, 2, '{{ 1 < 2 }}')] })
  expect(html).not.toContain('{{')
  expect(html).toContain('a &lt; b')
  expect(html).toContain('&#123;&#123; 1 &lt; 2 &#125;&#125;')
})

it('is one block of HTML, with a name and a description for those who do not see it', () => {
  const html = figure(picture)
  expect(html).not.toContain('\n')
  expect(html).toContain('role="img" aria-labelledby="p-title p-desc"')
  expect(html).toContain('<title id="p-title">')
  expect(html).toContain('<desc id="p-desc">')
})

it('leaves out what is undefined, and rounds to what can be seen', () => {
  expect(element('circle', { r: 1.2345, fill: undefined })).toBe('<circle r="1.2"/>')
})
