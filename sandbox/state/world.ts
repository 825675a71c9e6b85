import { Accounts } from './accounts.ts'
import { VirtualClock } from './clock.ts'
import { BlobStore } from './content.ts'
import { FaultBoard } from './faults.ts'
import { Random } from './random.ts'
import { RequestLog } from './request-log.ts'

/** Everything the emulated clouds have in common. */
export interface World {
  readonly clock: VirtualClock
  readonly random: Random
  readonly blobs: BlobStore
  readonly accounts: Accounts
  readonly faults: FaultBoard
  readonly log: RequestLog
}

/** A world with nobody in it. Equal seeds give equal ids and secrets. */
export function createWorld(seed: string): World {
  const random = new Random(seed)
  return {
    clock: new VirtualClock(),
    random,
    blobs: new BlobStore(),
    accounts: new Accounts(random),
    faults: new FaultBoard(),
    log: new RequestLog(),
  }
}
