import {
  failbackPicture,
  queuePicture,
  slowStartPicture,
  stickyPicture,
  subsettingPicture,
  tiersPicture,
  zonesPicture,
} from './around-pictures.ts'
import { keyFigures, queueFigures, ringFigures } from './figures.ts'
import { jumpPicture, maglevPicture, rendezvousPicture, ringHashPicture } from './key-pictures.ts'
import { boundedLoadPicture, leastRequestPicture, peakEwmaPicture } from './load-pictures.ts'
import { optionTable, takenBy } from './options.ts'
import { figure, type Picture } from './svg.ts'
import { edfPicture, firstAvailablePicture, randomPicture, roundRobinPicture } from './turn-pictures.ts'
import { vectorTable } from './vector-tables.ts'
import { type Vectors, vectors } from './vectors.ts'

/** Each by the name of its file. */
export const pictures: Readonly<Record<string, () => Picture | Promise<Picture>>> = {
  'round-robin': roundRobinPicture,
  edf: edfPicture,
  'least-request': leastRequestPicture,
  'peak-ewma': peakEwmaPicture,
  random: randomPicture,
  'first-available': firstAvailablePicture,
  'ring-hash': ringHashPicture,
  maglev: maglevPicture,
  rendezvous: rendezvousPicture,
  jump: jumpPicture,
  'bounded-load': boundedLoadPicture,
  tiers: tiersPicture,
  zones: zonesPicture,
  'slow-start': slowStartPicture,
  failback: failbackPicture,
  sticky: stickyPicture,
  queue: queuePicture,
  subsetting: subsettingPicture,
}

/** What the pages about balancing include: pictures, options, published vectors and counted figures. */
export const balanceParts: Readonly<Record<string, () => string | Promise<string>>> = {
  ...named('picture', Object.keys(pictures), async (name) => figure(await drawn(name))),
  ...named('options', Object.keys(takenBy), optionTable),
  ...named('vectors', Object.keys(vectors).filter(isShown), vectorTable),
  'balance/keys-figures.md': keyFigures,
  'balance/ring-figures.md': ringFigures,
  'balance/queue-figures.md': queueFigures,
}

function named<Name extends string>(
  kind: string,
  names: readonly Name[],
  make: (name: Name) => string | Promise<string>,
): Record<string, () => string | Promise<string>> {
  return Object.fromEntries(names.map((name) => [`balance/${name}-${kind}.md`, () => make(name)]))
}

function drawn(name: string): Picture | Promise<Picture> {
  const draw = pictures[name]
  if (!draw) throw new Error(`no picture ${name}`)
  return draw()
}

/** The others are not about picking, or are counted and not listed. */
function isShown(name: string): name is keyof Vectors {
  return !['about', 'envoyRingSpread', 'successRateThreshold'].includes(name)
}
