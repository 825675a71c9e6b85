/** What a fault switch knows about the request before it. */
export interface RequestFacts {
  readonly class: string
  readonly host: string
  readonly path: string
  /** Null before anybody is known. */
  readonly account: string | null
}

/** Which requests a fault means; what is not given means all. */
interface FaultMatch {
  readonly class?: string
  readonly host?: string
  readonly pathIncludes?: string
  readonly account?: string
}

/** One switch that is on. */
export interface Fault {
  readonly id: number
  readonly fault: FaultName
  readonly match: FaultMatch
  readonly params: Readonly<Record<string, unknown>>
  /** Matching requests it still lets pass before it bites. */
  after: number
  /** How often it still bites; null means always. */
  times: number | null
  /** The fault's own memory, such as pages counted. */
  seen: number
}

/** The names of all switches and the parameters that each one takes. */
const FAULTS = {
  'waf.account': ['limit', 'windowMs', 'coolMs'],
  'waf.page': [],
  http: ['status', 'body', 'headers'],
  html: ['body'],
  truncate: ['honest', 'bytes'],
  empty: [],
  hang: [],
  reset: [],
  soft: ['errno', 'error', 'key'],
  slow: ['ms'],
  'session.kick': ['account', 'device'],
  'session.expire': ['account', 'device'],
  'session.caps': ['account', 'device', 'caps'],
  'session.requireKid': [],
  'login.ip': [],
  'list.cap': ['n'],
  'list.wrap': [],
  'list.shuffle': [],
  'list.phantom': ['n'],
  'list.repeat': [],
  'list.emptyPage': ['afterPage'],
  'list.removeDuring': ['cid', 'afterPage', 'id'],
  'list.addDuring': ['cid', 'afterPage', 'name'],
  'list.order': ['order', 'asc', 'always'],
  'list.badrow': ['at'],
  'types.drift': ['seed', 'bareIds'],
  'link.policy': ['lifeMs', 'c', 'f'],
  'link.none': [],
  'link.refuse': ['errno', 'error'],
  'cdn.status': ['status', 'body'],
  'cdn.cut': ['afterBytes'],
  'cdn.slow': ['bytesPerSecond'],
  'cdn.stall': ['afterBytes'],
} as const satisfies Record<string, readonly string[]>

export type FaultName = keyof typeof FAULTS

const MATCH_KEYS = ['class', 'host', 'pathIncludes', 'account']

/** The switches that are on, oldest first. */
export class FaultBoard {
  #faults: Fault[] = []
  #lastId = 0

  list(): readonly Fault[] {
    return this.#faults
  }

  clear(): void {
    this.#faults = []
  }

  /** True when there was such a fault. */
  remove(id: number): boolean {
    const before = this.#faults.length
    this.#faults = this.#faults.filter((fault) => fault.id !== id)
    return this.#faults.length < before
  }

  /** Switches one on. Throws Error naming what is wrong with `spec`. */
  add(spec: unknown): Fault {
    const fault = parseFault(spec, ++this.#lastId)
    this.#faults.push(fault)
    return fault
  }

  /** The first fault of that name that means this request, used up once; null when there is none. */
  take(name: FaultName, facts: RequestFacts): Fault | null {
    for (const fault of this.#faults) {
      if (fault.fault !== name || fault.times === 0 || !isMeant(fault.match, facts)) continue
      if (fault.after > 0) {
        fault.after--
        continue
      }
      if (fault.times !== null) fault.times--
      return fault
    }
    return null
  }

  /** The first fault of that name, not used up: for switches that are a state rather than an event. */
  peek(name: FaultName, facts: RequestFacts): Fault | null {
    return (
      this.#faults.find((each) => each.fault === name && each.times !== 0 && isMeant(each.match, facts)) ??
      null
    )
  }
}

/** A number among the fault's parameters. */
export function numberOf(fault: Fault, name: string, fallback: number): number {
  const value = fault.params[name]
  return typeof value === 'number' ? value : fallback
}

/** A text among the fault's parameters. */
export function textOf(fault: Fault, name: string, fallback: string): string {
  const value = fault.params[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : fallback
}

function isMeant(match: FaultMatch, facts: RequestFacts): boolean {
  if (match.class !== undefined && match.class !== facts.class) return false
  if (match.host !== undefined && match.host !== facts.host) return false
  if (match.account !== undefined && match.account !== facts.account) return false
  return match.pathIncludes === undefined || facts.path.includes(match.pathIncludes)
}

function parseFault(spec: unknown, id: number): Fault {
  if (!isRecord(spec)) throw new Error('Cannot set fault: not an object')
  const { fault, match = {}, times = null, after = 0, ...params } = spec
  if (!isFaultName(fault)) throw new Error(`Cannot set fault "${String(fault)}": no such fault`)
  const known: readonly string[] = FAULTS[fault]
  const stray = Object.keys(params).find((name) => !known.includes(name))
  if (stray !== undefined) throw new Error(`Cannot set fault "${fault}": unknown parameter "${stray}"`)
  if (!isRecord(match)) throw new Error(`Cannot set fault "${fault}": match is not an object`)
  const strayMatch = Object.keys(match).find((name) => !MATCH_KEYS.includes(name))
  if (strayMatch !== undefined)
    throw new Error(`Cannot set fault "${fault}": cannot match by "${strayMatch}"`)
  if (times !== null && !isCount(times)) throw new Error(`Cannot set fault "${fault}": times is not a count`)
  if (!isCount(after)) throw new Error(`Cannot set fault "${fault}": after is not a count`)
  return { id, fault, match, params, after, times, seen: 0 }
}

function isFaultName(value: unknown): value is FaultName {
  return typeof value === 'string' && Object.hasOwn(FAULTS, value)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
