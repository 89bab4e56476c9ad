import { describe, expect, it, onTestFinished } from 'vitest'
import { openSinks } from './sinks.ts'

describe('the webhook of the demo', () => {
  // Once anything else than JSON was an unhandled rejection, and ended the demo.
  it('answers 400 to what is no alert, and goes on', async () => {
    const told: string[] = []
    const sinks = await openSinks((text) => told.push(text))
    onTestFinished(() => sinks.close())
    const post = async (body: string) => (await fetch(sinks.webhookUrl, { method: 'POST', body })).status
    expect([await post('a=1'), await post(''), (await fetch(sinks.webhookUrl)).status]).toEqual([400, 400, 400])
    expect([await post('{"title":"shop/a is down"}'), await post('null')]).toEqual([204, 204])
    expect([...sinks.webhooks]).toEqual(['shop/a is down', '(no title)'])
    expect(told).toEqual(['webhook: shop/a is down', 'webhook: (no title)'])
  })

  it('reads no endless body', async () => {
    const sinks = await openSinks()
    onTestFinished(() => sinks.close())
    const answer = await fetch(sinks.webhookUrl, { method: 'POST', body: 'x'.repeat(4 * 1024 * 1024) }).catch(() => undefined)
    expect(answer?.ok ?? false).toBe(false)
    expect([...sinks.webhooks]).toEqual([])
  })
})
