import { Agent, request } from 'undici'
import { onTestFinished } from 'vitest'

export const SECURE_NAME = 'shop.example'

/** What a client must say to believe a certificate that a test has made for {@link SECURE_NAME}. */
export const carefree: { readonly rejectUnauthorized: false; readonly servername: string } = {
  rejectUnauthorized: false,
  servername: SECURE_NAME,
}

export interface SecureClient {
  readonly heard: { readonly answered: number; readonly failed: readonly unknown[] }
  stop(): Promise<void>
}

/** Asks again and again, by HTTP/1.1 or HTTP/2: each answer is wanted whole and with 200. */
export function clientAtWork(url: string, allowH2: boolean): SecureClient {
  const agent = new Agent({ allowH2, connect: carefree, connections: 4 })
  onTestFinished(() => agent.destroy())
  const heard = { answered: 0, failed: [] as unknown[] }
  const work = { goesOn: true }
  const lane = async () => {
    while (work.goesOn) {
      await request(url, { dispatcher: agent })
        .then(async ({ statusCode, body }) => {
          await body.dump()
          if (statusCode === 200) heard.answered += 1
          else heard.failed.push(statusCode)
        })
        .catch((error: unknown) => heard.failed.push(error))
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  const lanes = Promise.all([lane(), lane(), lane()])
  return {
    heard,
    async stop() {
      work.goesOn = false
      await lanes
    },
  }
}
