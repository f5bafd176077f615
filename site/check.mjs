// Fails if the built site has a link to a page or a place in a page that is not there, or would
// load anything from another host, or if a page has a diagram that cannot be drawn.

import DOMPurify from 'dompurify'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pages, root } from './.vitepress/links.mjs'

const dist = fileURLToPath(new URL('target/dist', import.meta.url))
const base = process.env.BASE ?? '/'
const files = readdirSync(dist, { recursive: true }).map((file) => file.replaceAll('\\', '/'))
const html = files.filter((file) => file.endsWith('.html'))
const faults = []

const text = new Map(html.map((file) => [file, readFileSync(`${dist}/${file}`, 'utf8')]))
const ids = new Map([...text].map(([file, page]) => [file, idsOf(page)]))

function idsOf(page) {
  return new Set([...page.matchAll(/\s(?:id|name)="([^"]*)"/g)].map(([, id]) => plain(id)))
}

function plain(attribute) {
  return attribute.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'").replaceAll('&amp;', '&')
}

function checkLink(file, link) {
  const [path, hash] = link.replace(/\?.*(?=#|$)/, '').split('#')
  let target = file
  if (path.startsWith('/')) {
    if (!path.startsWith(base)) return faults.push(`${file}: ${link} is outside of ${base}`)
    target = path.slice(base.length)
  } else if (path) {
    target = posix.join(posix.dirname(file), path)
  }
  target = decodeURIComponent(target)
  if (target === '' || target === '.' || target.endsWith('/')) target = posix.join(target, 'index.html')
  if (!existsSync(`${dist}/${target}`) || !statSync(`${dist}/${target}`).isFile()) {
    faults.push(`${file}: ${link} leads nowhere`)
  } else if (hash && ids.has(target) && !ids.get(target).has(decodeURIComponent(hash))) {
    faults.push(`${file}: ${link} has no such place`)
  }
}

let links = 0
for (const [file, page] of text) {
  for (const [, tag, attribute, value] of page.matchAll(
    /<(a|area|link|img|script|iframe|source)\b[^>]*?\s(href|src)="([^"]*)"/g
  )) {
    const link = plain(value)
    if (/^(https?:)?\/\//.test(link)) {
      if (tag !== 'a') faults.push(`${file}: <${tag} ${attribute}="${link}"> is on another host`)
    } else if (!/^(data|mailto|javascript):/.test(link)) {
      links++
      checkLink(file, link)
    }
  }
}
for (const file of files.filter((file) => file.endsWith('.css'))) {
  if (/(url\(|@import)\s*["']?(https?:)?\/\//.test(readFileSync(`${dist}/${file}`, 'utf8'))) {
    faults.push(`${file}: loads from another host`)
  }
}

// Mermaid parses without a browser as soon as it need not clean up HTML.
Object.assign(DOMPurify, { addHook() {}, sanitize: (html) => html })
const { default: mermaid } = await import('mermaid')
let diagrams = 0
for (const file of pages.keys()) {
  for (const [, source] of readFileSync(root + file, 'utf8').matchAll(/^```mermaid\n(.*?)^```/gms)) {
    diagrams++
    await mermaid.parse(source).catch((error) => faults.push(`${file}: diagram: ${error.message}`))
  }
}

faults.forEach((fault) => console.error(fault))
console.log(
  `${html.length} pages, ${links} links, ${diagrams} diagrams, ${faults.length} faults`
)
process.exitCode = faults.length > 0 || links === 0 ? 1 : 0
