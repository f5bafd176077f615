// Where the relative links of the repository's Markdown files lead on the site: to the site's page
// of a Markdown file, to the Javadoc of a type of tofu.api or tofu.kit, and to a page that shows the
// file or folder for everything else. So the site needs no address of a repository.
//
// All paths here are relative to the repository's root, with slashes.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

const API = /^tofu-(api|kit)\/src\/main\/java\/(tofu\/\w+\/\w+)\.java$/
const DATA = /\.(csv|json|svg)$/
const SKIPPED = /^(\..*|target|node_modules)$/

// The Markdown files that are pages, and where on the site they are.
export const pages = new Map([
  ['README.md', 'index.md'],
  ['CHANGELOG.md', 'changelog.md'],
  ['SECURITY.md', 'security.md'],
  ...readdirSync(root + 'docs', { recursive: true })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => ['docs/' + file, file])
])

// The site's link for a link in a file; what does not lead to a file stays as it is.
export function siteLink(file, link) {
  const target = targetOf(file, link)
  if (target === undefined) return link
  const hash = link.includes('#') ? link.slice(link.indexOf('#')) : ''
  return place(target) + hash
}

// Does this link of the site leave what VitePress knows about?
export const isApi = (link) => link.startsWith('/api/')

// The data files that pages link to: they are there to be downloaded.
export const dataFiles = () => [...linked()].filter((target) => DATA.test(target))

// The pages for all files and folders that pages link to, and for what is in these folders.
export function sourcePages() {
  const found = new Map()
  const add = (target) => {
    const path = sourcePath(target)
    if (found.has(path)) return
    found.set(path, '')
    found.set(path, isFolder(target) ? folder(target, add) : source(target))
  }
  for (const target of linked()) {
    if (!pages.has(target) && !API.test(target) && !DATA.test(target)) add(target)
  }
  return [...found].map(([path, content]) => ({ params: { path }, content }))
}

function linked() {
  const targets = new Set()
  for (const file of pages.keys()) {
    for (const [, link] of readFileSync(root + file, 'utf8').matchAll(/\]\(([^()\s]+)\)/g)) {
      const target = targetOf(file, link)
      if (target !== undefined) targets.add(target)
    }
  }
  return targets
}

function targetOf(file, link) {
  if (/^([a-z]+:|\/|#)/i.test(link)) return undefined
  const path = decodeURI(link.replace(/#.*/, ''))
  const target = posix.join(posix.dirname(file), path).replace(/\/$/, '')
  return !target.startsWith('..') && existsSync(root + target) ? target : undefined
}

function place(target) {
  const api = API.exec(target)
  if (api) return `/api/${api[1] === 'kit' ? 'kit/' : ''}${api[2]}.html`
  if (pages.has(target)) return '/' + pages.get(target)
  return '/source/' + (DATA.test(target) ? target : sourcePath(target) + '.md')
}

const isFolder = (target) => statSync(root + target).isDirectory()

const sourcePath = (target) => (isFolder(target) ? target + '/index' : target)

function folder(target, add) {
  const lines = readdirSync(root + target, { withFileTypes: true })
    .filter(({ name }) => !SKIPPED.test(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((entry) => {
      const child = target + '/' + entry.name
      const name = '`' + entry.name + (entry.isDirectory() ? '/' : '') + '`'
      if (entry.isFile() && isBinary(child)) return `- ${name}`
      if (!pages.has(child) && !DATA.test(child)) add(child)
      return `- [${name}](${place(child)})`
    })
  return `# ${posix.basename(target)}\n\n\`${target}\`\n\n${lines.join('\n')}\n`
}

function source(target) {
  const language = { java: 'java', xml: 'xml', sh: 'sh' }[target.split('.').pop()] ?? 'text'
  const content = isBinary(target) ? '(not a text)' : readFileSync(root + target, 'utf8')
  const fence = '~'.repeat(8)
  return `# ${posix.basename(target)}\n\n\`${target}\`\n\n${fence}${language}\n${content}\n${fence}\n`
}

const isBinary = (target) => readFileSync(root + target).includes(0)
