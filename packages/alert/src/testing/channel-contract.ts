import assert from 'node:assert/strict'
import type { Alert, Channel, Delivery } from '../types.ts'
import { sampleAlert } from './sample-alert.ts'

/** The two functions of a test runner that the suite needs; those of vitest, jest and node:test fit. */
export interface ContractRunner {
  readonly describe: (name: string, body: () => void) => unknown
  readonly it: (name: string, body: () => Promise<void>) => unknown
}

/** How the receiver behind a channel can be made to behave. */
export type ReceiverBehaviour =
  /** Takes the alert over. */
  | 'accept'
  /** Says no in a way that may pass: HTTP 503, SMTP 451. */
  | 'refuse-for-now'
  /** Says no for good: HTTP 404, SMTP 550. */
  | 'refuse-for-good'
  /** Takes the call and never answers. */
  | 'hang'
  /** Is not there: nobody listens. */
  | 'gone'

/** A channel with a receiver of its own behind it. */
export interface ChannelFixture {
  readonly channel: Channel
  behave(behaviour: ReceiverBehaviour): void | Promise<void>
  /** By what the receiver knows each alert it took over, in order: the alert's id, or what the channel makes of it. */
  received(): readonly string[]
  /** What no reason and no receipt may show. */
  readonly secrets: readonly string[]
  close(): Promise<void>
}

export interface ChannelContract {
  /** What is tested: `webhook channel`. */
  readonly title: string
  /** What the receiver of this kind can be made to do. */
  readonly behaviours: readonly ReceiverBehaviour[]
  open(): Promise<ChannelFixture>
}

/** What every {@link Channel} promises, as tests. */
export function describeChannelContract({ describe, it }: ContractRunner, contract: ChannelContract): void {
  const can = (behaviour: ReceiverBehaviour) => contract.behaviours.includes(behaviour)
  const test = (name: string, body: (fixture: ChannelFixture) => Promise<void>) =>
    it(name, async () => {
      const fixture = await contract.open()
      try {
        await body(fixture)
      } finally {
        await fixture.channel.close?.()
        await fixture.close()
      }
    })

  describe(`${contract.title}: the contract of a channel`, () => {
    for (const behaviour of (['refuse-for-now', 'gone'] as const).filter(can)) {
      test(`answers that it may be tried again when the receiver is "${behaviour}", and shows no secret`, async (fixture) => {
        await fixture.behave(behaviour)
        const delivery = await fixture.channel.send(sampleAlert())
        expectFailure(fixture, delivery, true)
        assert.deepEqual(fixture.received(), [])
      })
    }

    if (can('refuse-for-good')) {
      test('answers that there is no point in trying again when the receiver refuses for good, and shows no secret', async (fixture) => {
        await fixture.behave('refuse-for-good')
        expectFailure(fixture, await fixture.channel.send(sampleAlert()), false)
      })
    }

    if (can('hang')) {
      test('ends when its signal aborts, as a failure that may pass', async (fixture) => {
        await fixture.behave('hang')
        const controller = new AbortController()
        const sent = fixture.channel.send(sampleAlert(), { signal: controller.signal })
        setImmediate(() => controller.abort(new Error('the test aborts')))
        expectFailure(fixture, await sent, true)
      })
    }

    test('sends nothing when its signal has aborted before', async (fixture) => {
      await fixture.behave('accept')
      expectFailure(fixture, await fixture.channel.send(sampleAlert(), { signal: AbortSignal.abort() }), true)
      assert.deepEqual(fixture.received(), [])
    })

    if (can('refuse-for-now')) {
      test('delivers after a failure, as if nothing had been', async (fixture) => {
        await fixture.behave('refuse-for-now')
        expectFailure(fixture, await fixture.channel.send(sampleAlert()), true)
        await fixture.behave('accept')
        expectSuccess(fixture, await fixture.channel.send(sampleAlert()))
        assert.equal(fixture.received().length, 1)
      })
    }

    test('gives an alert the same identity each time, and another alert another one', async (fixture) => {
      await fixture.behave('accept')
      const alerts = [sampleAlert(), sampleAlert(), sampleAlert({ id: 'alert-2', status: 'resolved' })]
      for (const alert of alerts) expectSuccess(fixture, await fixture.channel.send(alert))
      const [first, again, other] = fixture.received()
      assert.equal(first, again)
      assert.notEqual(first, other)
    })

    test('delivers an alert that is full of line breaks, escapes and strange characters, once', async (fixture) => {
      await fixture.behave('accept')
      expectSuccess(fixture, await fixture.channel.send(hostileAlert))
      assert.equal(fixture.received().length, 1)
    })

    test('can be closed twice', async ({ channel }) => {
      await channel.close?.()
      await channel.close?.()
    })
  })
}

const HOSTILE = 'a\r\nBcc: evil@example.org\r\n.\r\nQUIT\r\n\u001B[2J\u0000\u202E"<b>&\u{1F525}'

const hostileAlert: Alert = sampleAlert({
  id: `id ${HOSTILE}`,
  key: HOSTILE,
  type: HOSTILE,
  title: HOSTILE,
  text: HOSTILE.repeat(20),
  at: Number.NaN,
  labels: { [HOSTILE]: HOSTILE },
})

function expectSuccess(fixture: ChannelFixture, delivery: Delivery): void {
  assert.equal(delivery.ok, true, `expected a delivery: ${JSON.stringify(delivery)}`)
  expectNoSecret(fixture, delivery)
}

function expectFailure(fixture: ChannelFixture, delivery: Delivery, retryable: boolean): void {
  assert.equal(delivery.ok, false, 'expected a failure')
  assert.equal(delivery.retryable, retryable, `expected retryable: ${retryable} in ${JSON.stringify(delivery)}`)
  assert.match(delivery.reason, /^[^\p{Cc}]{3,}$/u, 'a reason is one line for people')
  expectNoSecret(fixture, delivery)
}

function expectNoSecret({ secrets }: ChannelFixture, delivery: Delivery): void {
  const shown = JSON.stringify(delivery)
  for (const secret of secrets) assert.ok(!shown.includes(secret), 'a secret shows')
}
