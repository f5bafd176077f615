// Looks at the page that `tofuctl bench --html report.html` writes, in a Chromium without a window,
// light and dark, on a narrow and on a wide screen: fails if the page says an error, loads anything,
// is wider than the screen, or has labels in a plot that touch each other or are cut off.
//
//     node site/report.mjs report.html
//
// Needs Node 20 or later, and a Chromium: `chromium` of the PATH, or what CHROMIUM says.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const WIDTHS = [390, 1280]
const SCHEMES = { light: 'rgb(255, 255, 255)', dark: 'rgb(13, 17, 23)' }
const PATIENCE_MILLIS = 60_000

if (process.argv.length !== 3) throw new Error('one argument is needed: the page')
const page = pathToFileURL(resolve(process.argv[2])).href
const profile = mkdtempSync(join(tmpdir(), 'report'))
const flags = ['--headless', '--remote-debugging-pipe', '--disable-gpu', `--user-data-dir=${profile}`]
if (process.getuid?.() === 0) flags.push('--no-sandbox') // root has none
const browser = spawn(process.env.CHROMIUM ?? 'chromium', flags, {
  stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe']
})
const exited = once(browser, 'exit')
const [, , , out, back] = browser.stdio

// ---- the browser's protocol: objects of JSON, each with a 0 behind it

const answers = new Map()
let listen = () => {}
let rest = ''
let ids = 0

back.setEncoding('utf8').on('data', (part) => {
  const messages = (rest + part).split('\0')
  rest = messages.pop()
  for (const message of messages.map((text) => JSON.parse(text))) {
    if (!message.id) listen(message)
    else if (message.error) answers.get(message.id).reject(new Error(message.error.message))
    else answers.get(message.id).resolve(message.result)
  }
})

function call(method, params = {}, sessionId = undefined) {
  const id = ++ids
  out.write(JSON.stringify({ id, method, params, sessionId }) + '\0')
  return new Promise((resolve, reject) => answers.set(id, { resolve, reject }))
}

// ---- within the page

/** Keeps the box of each text that is drawn on a canvas. */
function keepLabels() {
  const prototype = CanvasRenderingContext2D.prototype
  const { fillText, clearRect } = prototype
  prototype.clearRect = function (...box) {
    this.canvas.labels = []
    clearRect.apply(this, box)
  }
  prototype.fillText = function (text, x, y, ...more) {
    const size = this.measureText(text)
    const left = x - size.actualBoundingBoxLeft
    const right = x + size.actualBoundingBoxRight
    const top = y - size.actualBoundingBoxAscent
    const bottom = y + size.actualBoundingBoxDescent
    const corners = [[left, top], [right, top], [left, bottom], [right, bottom]].map(
      ([x, y]) => this.getTransform().transformPoint(new DOMPoint(x, y))
    )
    const [xs, ys] = [corners.map((c) => c.x), corners.map((c) => c.y)]
    const box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
    if (text.trim()) (this.canvas.labels ??= []).push({ text, box })
    fillText.call(this, text, x, y, ...more)
  }
}

function look() {
  const faults = []
  let labels = 0
  const root = document.documentElement
  const over = Math.max(root.scrollWidth, document.body.scrollWidth) - root.clientWidth
  if (over > 0) faults.push(`${over} pixels wider than the screen`)
  const canvases = [...document.querySelectorAll('canvas')]
  canvases.forEach((canvas, plot) => {
    const all = canvas.labels ?? []
    labels += all.length
    all.forEach(({ text, box: [left, top, right, bottom] }, i) => {
      if (left < 0 || top < 0 || right > canvas.width || bottom > canvas.height) {
        faults.push(`plot ${plot}: '${text}' is cut off`)
      }
      for (const other of all.slice(i + 1)) {
        const [l, t, r, b] = other.box
        if (left < r && l < right && top < b && t < bottom) {
          faults.push(`plot ${plot}: '${text}' and '${other.text}' touch`)
        }
      }
    })
  })
  if (canvases.length === 0 || labels === 0) faults.push('no plots, or plots without labels')
  const back = getComputedStyle(document.body).backgroundColor
  return { faults, plots: canvases.length, labels, back }
}

// ---- the looks

async function check(scheme, width) {
  const faults = []
  const { targetId } = await call('Target.createTarget', { url: 'about:blank' })
  const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true })
  const tell = (method, params) => call(method, params, sessionId)
  const loaded = new Promise((resolve) => {
    listen = ({ method, params, sessionId: from }) => {
      if (from !== sessionId) return
      if (method === 'Page.loadEventFired') resolve()
      if (method === 'Runtime.exceptionThrown') faults.push(params.exceptionDetails.text)
      if (method === 'Runtime.consoleAPICalled' && params.type === 'error') {
        faults.push(params.args.map((arg) => arg.value ?? arg.description).join(' '))
      }
      if (method === 'Log.entryAdded' && params.entry.level === 'error') {
        faults.push(params.entry.text)
      }
      if (method === 'Network.requestWillBeSent' && params.request.url !== page) {
        faults.push(`loads ${params.request.url}`)
      }
    }
  })
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await tell(`${domain}.enable`)
  await tell('Emulation.setDeviceMetricsOverride', {
    width, height: 900, deviceScaleFactor: 1, mobile: false
  })
  await tell('Emulation.setEmulatedMedia', {
    features: [{ name: 'prefers-color-scheme', value: scheme }]
  })
  await tell('Page.addScriptToEvaluateOnNewDocument', { source: `(${keepLabels})()` })
  await tell('Page.navigate', { url: page })
  await loaded
  const { result } = await tell('Runtime.evaluate', {
    expression: `new Promise((done) => setTimeout(() => done((${look})()), 500))`,
    awaitPromise: true,
    returnByValue: true
  })
  const seen = result.value
  if (seen.back !== SCHEMES[scheme]) faults.push(`the background is ${seen.back}`)
  faults.push(...seen.faults)
  await call('Target.closeTarget', { targetId })
  console.log(
    `${scheme}, ${width} pixels: ${seen.plots} plots, ${seen.labels} labels, ${faults.length} faults`
  )
  return faults.map((fault) => `${scheme}, ${width} pixels: ${fault}`)
}

const late = setTimeout(() => {
  console.error('the browser does not answer')
  browser.kill('SIGKILL')
  process.exit(1)
}, PATIENCE_MILLIS)
try {
  const { product } = await call('Browser.getVersion')
  console.log(product)
  const faults = []
  for (const scheme of Object.keys(SCHEMES)) {
    for (const width of WIDTHS) faults.push(...(await check(scheme, width)))
  }
  faults.forEach((fault) => console.error(fault))
  process.exitCode = faults.length > 0 ? 1 : 0
  await call('Browser.close').catch(() => {})
} finally {
  clearTimeout(late)
  browser.kill()
  await exited
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
}
