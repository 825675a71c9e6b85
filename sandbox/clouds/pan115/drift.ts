import { bareNumber } from '../../server/php-json.ts'
import { type Fault, textOf } from '../../state/faults.ts'
import { Random } from '../../state/random.ts'

// Fields whose text is meant as text, whatever it looks like: a file may be called `2012`.
const TEXT_FIELDS = new Set(
  'n fn ns name file_name category_name sha sha1 pc pick_code pickcode t error msg message user_name dp'.split(
    ' ',
  ),
)
const OPTIONAL_FIELDS = new Set(
  (
    'cc sh e u fvs fuuid hdf is_top ispl issct score class sta pt q et d c play_long current_time played_end ' +
    'last_time to tu vdi iv fl uid data_source sys_count natsort hidden stdir is_q min_size max_size'
  ).split(' '),
)
const MAX_SAFE_DIGITS = 15

/**
 * The same reply with the types that 115's PHP lets slip: numbers as strings and back, whole numbers as floats,
 * `[]` for `{}`, `errno` empty or 0, optional fields left out, ids as bare numbers. What it means stays the same.
 */
export function drift(value: object, fault: Fault, requestNumber: number): object {
  const random = new Random(`${textOf(fault, 'seed', 'drift')} ${requestNumber}`)
  return driftObject(value, random, fault.params['bareIds'] !== false)
}

function driftObject(value: object, random: Random, bareIds: boolean): object {
  const drifted: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(value)) {
    if (OPTIONAL_FIELDS.has(name) && random.next() < 0.2) continue
    drifted[name] = driftField(name, field, random, bareIds)
  }
  return drifted
}

function driftField(name: string, field: unknown, random: Random, bareIds: boolean): unknown {
  // `state` decides between yes and no; changing its type could change its meaning.
  if (name === 'state' || TEXT_FIELDS.has(name)) return field
  if ((name === 'errno' || name === 'errNo') && field === 0) return random.pick<unknown>([0, '', '0'])
  if (typeof field === 'number') return driftNumber(field, random)
  if (typeof field === 'string') return driftText(field, random, bareIds)
  if (Array.isArray(field)) return driftArray(name, field, random, bareIds)
  if (typeof field !== 'object' || field === null) return field
  return Object.keys(field).length === 0
    ? random.pick<unknown>([{}, []])
    : driftObject(field, random, bareIds)
}

function driftNumber(value: number, random: Random): unknown {
  const choice = random.int(4)
  if (choice === 0) return String(value)
  return choice === 1 && Number.isInteger(value) ? bareNumber(`${value}.0`) : value
}

function driftText(value: string, random: Random, bareIds: boolean): unknown {
  if (!/^(0|[1-9]\d*)$/.test(value) || random.int(2) === 0) return value
  if (value.length <= MAX_SAFE_DIGITS) return Number(value)
  return bareIds ? bareNumber(value) : value
}

function driftArray(name: string, value: readonly unknown[], random: Random, bareIds: boolean): unknown {
  // An empty page must stay an array: nobody has seen it otherwise.
  if (value.length === 0) return name === 'data' ? value : random.pick<unknown>([[], {}])
  return value.map((item) =>
    typeof item === 'object' && item !== null ? driftObject(item, random, bareIds) : item,
  )
}
