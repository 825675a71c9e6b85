import type { PageTexts } from './page-texts.ts'

/** The whole page. All that users or clients wrote is fetched by its script and shown as text, never as markup. */
export function pageMarkup(texts: PageTexts, nonce: string): string {
  return `<!DOCTYPE html>
<html lang="${texts.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${texts.title}</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<header><h1>${texts.title}</h1><p>${texts.intro}</p></header>
<main>
<section aria-labelledby="h-codes"><h2 id="h-codes">${texts.codes}</h2><div id="codes" aria-live="polite"></div></section>
<section aria-labelledby="h-accounts"><h2 id="h-accounts">${texts.accounts}</h2><ul id="accounts"></ul></section>
<section aria-labelledby="h-faults"><h2 id="h-faults">${texts.faults}</h2>
<p><label><select id="preset" aria-labelledby="h-faults"></select></label> <button id="set">${texts.set}</button>
<button id="clear">${texts.clear}</button> <button id="advance">${texts.advance}</button></p><ul id="faults"></ul></section>
<section aria-labelledby="h-counts"><h2 id="h-counts">${texts.counts}</h2><p id="counts"></p></section>
<section class="wide" aria-labelledby="h-log"><h2 id="h-log">${texts.log}</h2>
<div class="scroll"><table id="log"></table></div></section>
</main>
<script nonce="${nonce}">const texts = ${scriptJson(texts)};${SCRIPT}</script>
</body>
</html>
`
}

/** JSON that cannot end the script element it stands in. */
function scriptJson(value: object): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 72rem; padding: 1rem }
main { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)) }
section { border: 1px solid color-mix(in srgb, currentColor 20%, transparent); border-radius: .5rem; padding: 0 1rem 1rem }
.wide { grid-column: 1 / -1 } .scroll { overflow: auto; max-height: 30rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.05rem } ul { padding-left: 1.2rem }
.code { display: flex; gap: 1rem; align-items: center; flex-wrap: wrap; margin-bottom: .5rem }
.code img { width: 9rem; background: #fff; image-rendering: pixelated }
button, select { font: inherit; padding: .25rem .6rem }
table { border-collapse: collapse; font: 12px/1.4 ui-monospace, monospace; width: 100% }
td { padding: .1rem .5rem; white-space: nowrap; border-top: 1px solid color-mix(in srgb, currentColor 12%, transparent) }
.bad td { color: #d33 }
`

const SCRIPT = `
const byId = (id) => document.getElementById(id)
const make = (tag, text, className) => {
  const element = document.createElement(tag)
  if (text !== undefined) element.textContent = text
  if (className) element.className = className
  return element
}
const send = async (method, call, body) => {
  const response = await fetch('/__sandbox/' + call, { method, body: body && JSON.stringify(body) })
  const value = await response.json()
  if (!response.ok) alert(value.error)
  return value
}
const button = (text, act) => {
  const element = make('button', text)
  element.onclick = async () => { await act(); await refresh() }
  return element
}
// Replaced only when something changed: a button must not vanish under the pointer.
const shown = {}
const show = (id, value, draw) => {
  const key = JSON.stringify(value)
  if (shown[id] === key) return
  shown[id] = key
  byId(id).replaceChildren(...draw(value))
}
const drawCode = (code) => {
  const row = make('div', undefined, 'code')
  const image = make('img')
  image.alt = code.uid
  image.src = '/__sandbox/qr/' + encodeURIComponent(code.uid)
  const side = make('div')
  side.append(make('p', texts.states[code.state] + ' · ' + code.uid.slice(0, 8)))
  for (const action of ['scan', 'confirm', 'cancel', 'expire']) {
    if (action === 'scan' && code.state === 'scanned') continue
    side.append(button(texts.actions[action], () => send('POST', 'qr/' + code.uid, { action })), ' ')
  }
  row.append(image, side)
  return row
}
const drawAccount = (account) => {
  const item = make('li', account.name + ' · ' + account.account + ' ')
  for (const [device, cookie] of Object.entries(account.cookies)) {
    const copy = make('button', texts.copyCookie + ' ' + device)
    copy.onclick = () => navigator.clipboard.writeText(cookie)
    item.append(copy, ' ')
  }
  return item
}
const drawFault = (fault) => {
  const times = fault.times === null ? '' : ' × ' + fault.times
  const item = make('li', fault.fault + ' ' + JSON.stringify(fault.params) + times + ' ')
  item.append(button(texts.remove, () => send('DELETE', 'faults/' + fault.id)))
  return item
}
const drawLine = (line) => {
  const bad = line.status >= 400 || line.aborted || line.cut
  const row = make('tr', undefined, bad ? 'bad' : '')
  const size = line.bytesOut + ' B'
  const cells = [line.number, new Date(line.time).toLocaleTimeString(), line.class, line.status || '…', line.method,
    line.host + line.path, line.account ?? '', line.device ?? '', size, (line.durationMs ?? '…') + ' ms', line.userAgent]
  for (const cell of cells) row.append(make('td', String(cell)))
  return row
}
const presetFault = (preset) => {
  const [fault, value] = preset.split(' ')
  const number = Number(value)
  if (fault === 'soft') return { fault, errno: number }
  if (value) return { fault, status: number }
  return fault === 'slow' ? { fault, ms: 3000 } : { fault }
}
let lines = []
const refresh = async () => {
  const since = lines.findLast((line) => line.durationMs !== null)?.number ?? 0
  const [qr, accounts, faults, counts, log] = await Promise.all(
    ['qr', 'accounts', 'faults', 'counts', 'log?since=' + Math.max(0, since - 50)].map((call) => send('GET', call)))
  const fresh = new Set(log.lines.map((line) => line.number))
  lines = [...lines.filter((line) => !fresh.has(line.number)), ...log.lines].slice(-200)
  show('codes', qr.codes, (codes) => codes.length ? codes.map(drawCode) : [make('p', texts.noCodes)])
  show('accounts', accounts.accounts, (all) => all.map(drawAccount))
  show('faults', faults.faults, (all) => all.length ? all.map(drawFault) : [make('li', texts.noFaults)])
  show('counts', counts, (all) => [Object.entries(all).filter(([, n]) => n > 0).map(([name, n]) => name + ' ' + n).join(' · ')])
  show('log', lines, (all) => all.toReversed().map(drawLine))
}
for (const [preset, label] of Object.entries(texts.presets)) {
  const option = make('option', label)
  option.value = preset
  byId('preset').append(option)
}
byId('set').onclick = async () => { await send('POST', 'faults', presetFault(byId('preset').value)); await refresh() }
byId('clear').onclick = async () => { await send('DELETE', 'faults'); await refresh() }
byId('advance').onclick = async () => { await send('POST', 'clock', { advanceMs: 600000 }); await refresh() }
const poll = async () => {
  try { await refresh() } catch (error) { console.error(error) }
  setTimeout(poll, 1000)
}
poll()
`
