import type { World } from '../../state/world.ts'
import { type Ec115Key, generateEc115Key } from './crypto/ec115.ts'
import { generateM115Key, type M115Key } from './crypto/m115.ts'
import { DEFAULT_LIMITS, Firewall, type Limits } from './limits.ts'
import { LinkDesk } from './link-desk.ts'
import { QrDesk } from './qr-desk.ts'

/** The state of the emulated 115 besides accounts and files. */
export interface Pan115 {
  readonly world: World
  readonly m115: M115Key
  readonly ec115: Ec115Key
  readonly qr: QrDesk
  readonly links: LinkDesk
  readonly firewall: Firewall
  /** Replaced as a whole when a test changes them. */
  limits: Limits
  /** Answers unknown parameters and headers as 115 does, by ignoring them. */
  readonly isLoose: boolean
}

/** A 115 with keys of its own. */
export async function createPan115(
  world: World,
  options: { isLoose: boolean; limits?: Partial<Limits> },
): Promise<Pan115> {
  return {
    world,
    m115: await generateM115Key(),
    ec115: generateEc115Key(),
    qr: new QrDesk(world.clock, world.random),
    links: new LinkDesk(world.random),
    firewall: new Firewall(),
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    isLoose: options.isLoose,
  }
}
