import { describe, expect, it } from 'vitest'
import type { ReadFile } from './read-file.ts'
import { Redactor } from './redactor.ts'
import { resolveSecrets } from './secrets.ts'

const noFiles: ReadFile = () => Promise.reject(Object.assign(new Error('no file'), { code: 'ENOENT' }))

async function resolveOne(text: string, options: { env?: Record<string, string>; readFile?: ReadFile; file?: string } = {}) {
  const redactor = new Redactor()
  let value = text
  const { findings, references } = await resolveSecrets([{ path: ['token'], text, replace: (replaced) => void (value = replaced) }], {
    file: options.file ?? '/etc/hotspare/hotspare.yaml',
    env: options.env ?? {},
    readFile: options.readFile ?? noFiles,
    redactor,
  })
  return { value, redactor, references, problems: findings.map(({ message, hint }) => [message, hint].filter(Boolean).join('; ')) }
}

describe('a reference to a secret', () => {
  it.each([
    ['${env:TOKEN}', 'the environment variable "TOKEN" is not set'],
    ['${env:EMPTY}', 'the environment variable "EMPTY" is empty'],
    ['${env:GREETINGS}', 'the environment variable "GREETINGS" is not set; did you mean "GREETING"?'],
    ['${env:constructor}', 'the environment variable "constructor" is not set'],
    ['${file:/run/none}', 'the secret file "/run/none" cannot be read: no such file'],
    ['${env:}', 'the reference cannot be read; write ${env:NAME} or ${file:/path}; "$${" stands for a literal "${"'],
    ['${}', 'the reference cannot be read; write ${env:NAME} or ${file:/path}; "$${" stands for a literal "${"'],
    ['${vault:x}', 'the reference cannot be read; write ${env:NAME} or ${file:/path}; "$${" stands for a literal "${"'],
    ['${GREETING}', 'the reference cannot be read; did you mean "${env:GREETING}"?'],
    ['a ${env:GREETING', 'the reference is not closed: "}" is missing; "$${" stands for a literal "${"'],
  ])('%s is an error that names no value', async (text, problem) => {
    const { problems } = await resolveOne(text, { env: { GREETING: 'hello world', EMPTY: '' } })
    expect(problems).toEqual([problem])
  })

  it('reports each reference of a text that cannot be resolved', async () => {
    const { problems } = await resolveOne('${env:A1} ${env:B2}')
    expect(problems).toEqual(['the environment variable "A1" is not set', 'the environment variable "B2" is not set'])
  })

  it('is replaced inside of a text, several times', async () => {
    const { value } = await resolveOne('smtp://${env:USER_NAME}:${env:PASS}@mail', { env: { USER_NAME: 'ops', PASS: 'hunter22' } })
    expect(value).toBe('smtp://ops:hunter22@mail')
  })

  it('is not looked for in what a secret holds', async () => {
    const { value } = await resolveOne('${env:A}', { env: { A: '${env:B} $${', B: 'never' } })
    expect(value).toBe('${env:B} $${')
  })

  it('is escaped by a second dollar sign; a dollar sign alone means nothing', async () => {
    const { value, references } = await resolveOne('$${env:A} costs $5 $$')
    expect(value).toBe('${env:A} costs $5 $$')
    expect(references).toEqual([])
  })

  it('reads a file next to the configuration and takes one line break off its end', async () => {
    const asked: string[] = []
    const readFile: ReadFile = (path) => {
      asked.push(path)
      return Promise.resolve(Buffer.from('hunter22\n\n'))
    }
    expect((await resolveOne('${file:secrets/token}', { readFile })).value).toBe('hunter22\n')
    expect((await resolveOne('${file:/run/token}', { readFile: () => Promise.resolve(Buffer.from('hunter22\r\n')) })).value).toBe(
      'hunter22',
    )
    expect(asked).toEqual(['/etc/hotspare/secrets/token'])
  })

  it.each([
    ['larger than 64 KiB', Buffer.alloc(65_537, 'a'), 'the secret file "x" is larger than 64 KiB'],
    ['empty', Buffer.from('\n'), 'the secret file "x" is empty'],
    ['not text', Buffer.from([0x68, 0xff, 0xfe]), 'the secret file "x" is not UTF-8 text'],
  ])('refuses a file that is %s', async (_, content, problem) => {
    expect((await resolveOne('${file:x}', { readFile: () => Promise.resolve(content) })).problems).toEqual([problem])
  })

  it('tells the redactor each value that it finds', async () => {
    const { redactor } = await resolveOne('${env:A}/${file:x}', {
      env: { A: 'hunter22' },
      readFile: () => Promise.resolve(Buffer.from('swordfish\n')),
    })
    expect(redactor.redact('hunter22 swordfish')).toBe('[redacted] [redacted]')
  })
})
