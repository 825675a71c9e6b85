import type { Account } from '../../state/accounts.ts'
import { type Fault, type FaultName, numberOf, textOf } from '../../state/faults.ts'
import { Random } from '../../state/random.ts'
import type { Directory, Entry } from '../../state/tree.ts'
import type { Call } from './route.ts'

/** One page before it is written. */
export interface Page {
  readonly offset: number
  readonly limit: number
  /** Of the whole listing. */
  readonly count: number
  readonly fileCount: number
  readonly rows: readonly Entry[]
  /** The row that is to be written malformed. */
  readonly badRowAt?: number
}

/** The page as the switched-on faults of listings would have it; the same page when there are none. */
export function distort(call: Call, page: Page, entries: readonly Entry[]): Page {
  let distorted = page
  for (const [name, apply] of Object.entries(DISTORTIONS)) {
    const fault = take(call, name as keyof typeof DISTORTIONS)
    if (fault) distorted = apply(distorted, fault, { entries, requestNumber: call.exchange.line.number })
  }
  return distorted
}

interface Listing {
  readonly entries: readonly Entry[]
  readonly requestNumber: number
}

type Distort = (page: Page, fault: Fault, listing: Listing) => Page

const DISTORTIONS = {
  'list.shuffle': (page, _, { entries, requestNumber }) => {
    const shuffled = shuffle(entries, requestNumber)
    return { ...page, rows: shuffled.slice(page.offset, page.offset + page.limit) }
  },
  'list.wrap': (page, _, { entries }) =>
    page.offset < page.count ? page : { ...page, offset: 0, rows: entries.slice(0, page.limit) },
  'list.repeat': (page, _, { entries }) => ({ ...page, rows: entries.slice(0, page.limit) }),
  'list.phantom': (page, fault) => ({ ...page, count: page.count + numberOf(fault, 'n', 1) }),
  'list.emptyPage': (page, fault) =>
    page.offset >= page.limit * numberOf(fault, 'afterPage', 0) ? { ...page, rows: [] } : page,
  'list.badrow': (page, fault) => ({ ...page, badRowAt: numberOf(fault, 'at', 0) }),
} as const satisfies Partial<Record<FaultName, Distort>>

/** What somebody does elsewhere while a client pages: an entry appears or goes once enough pages were answered. */
export function changeAfterPage(call: Call, account: Account, directory: Directory): void {
  for (const name of ['list.removeDuring', 'list.addDuring'] as const) {
    const fault = call.cloud.world.faults.peek(name, call.exchange.facts())
    if (!fault || textOf(fault, 'cid', '0') !== directory.id) continue
    fault.seen++
    if (fault.seen !== numberOf(fault, 'afterPage', 1)) continue
    if (name === 'list.removeDuring') removeOne(account, directory, fault)
    else addOne(call, account, directory, fault)
  }
}

function removeOne(account: Account, directory: Directory, fault: Fault): void {
  const [first] = directory.children
  const entry = account.tree.find(textOf(fault, 'id', first?.id ?? ''))
  if (entry) account.tree.remove(entry)
}

function addOne(call: Call, account: Account, directory: Directory, fault: Fault): void {
  const nowS = Math.floor(call.cloud.world.clock.now() / 1000)
  const name = textOf(fault, 'name', '新建文件夹')
  account.tree.addDirectory(directory, { name, createdAtS: nowS, modifiedAtS: nowS })
}

function take(call: Call, name: FaultName): Fault | null {
  return call.cloud.world.faults.take(name, call.exchange.facts())
}

function shuffle(entries: readonly Entry[], requestNumber: number): Entry[] {
  const random = new Random(`shuffle ${requestNumber}`)
  const shuffled = [...entries]
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = random.int(i + 1)
    const held = shuffled[i] as Entry
    shuffled[i] = shuffled[j] as Entry
    shuffled[j] = held
  }
  return shuffled
}
