/** The long form, by hand: `node --conditions=@hotspare/source packages/proxy/src/faults/post-once.process.fixture.ts 10000 7`. */
import { sendPosts } from './post-once.fixture.ts'

const [, , count = '10000', seed = '1'] = process.argv
const beganMs = performance.now()
const { seenTwice, invented, ...tally } = await sendPosts(Number(count), Number(seed))
console.log(
  JSON.stringify({ ...tally, seenTwice: seenTwice.length, invented: invented.length, ms: Math.round(performance.now() - beganMs) }),
)
