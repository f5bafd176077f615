// The site: the repository's Markdown files, in the order of a book.

import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { defineConfig } from 'vitepress'
import { dataFiles, isApi, pages, root, siteLink } from './links.mjs'

const GUIDE = [
  'index', 'kit', 'thinking-in-messages', 'first-server', 'first-client', 'messages', 'addresses', 'groups',
  'flows', 'errors', 'flow-control', 'memory', 'threads', 'patterns', 'performance', 'operations',
  'from-zig', 'from-others', 'faq'
].map((name) => `docs/guide/${name}.md`)

const DECISIONS = [...pages.keys()].filter((file) => file.startsWith('docs/decisions/')).sort()

// A page in the sidebar, by its title.
function page(file, text) {
  const [, title] = /^# (.*)$/m.exec(readFileSync(root + file, 'utf8'))
  return { text: text ?? title.replaceAll('`', ''), link: '/' + pages.get(file).replace(/\.md$/, '.html') }
}

const API = { text: 'API', link: '/api/index.html', target: '_self' }
const KIT_API = { text: 'API of the kit', link: '/api/kit/index.html', target: '_self' }

// As on the repository's own page, so that links to headings work in both places.
function slug(heading) {
  return heading.toLowerCase().replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '').replaceAll(' ', '-')
}

function markdown(md) {
  const { link_open, fence } = md.renderer.rules
  md.renderer.rules.link_open = (tokens, index, options, env, self) => {
    const token = tokens[index]
    const file = (env.realPath ?? env.path).slice(root.length)
    const link = siteLink(file, token.attrGet('href'))
    token.attrSet('href', link)
    if (isApi(link)) {
      token.attrSet('href', base + link.slice(1))
      token.attrSet('target', '_self') // these are not VitePress's pages
    }
    return link_open(tokens, index, options, env, self)
  }
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const { info, content } = tokens[index]
    return info.trim() === 'mermaid'
      ? `<Mermaid code="${encodeURIComponent(content)}" />`
      : fence(tokens, index, ...rest)
  }
}

// The pages are outside of this folder, where Vue would not be found.
const vueForPages = {
  name: 'vue-for-pages',
  enforce: 'pre',
  resolveId(id, importer, options) {
    return /^vue(\/|$)/.test(id) && importer?.endsWith('.md')
      ? this.resolve(id, root + 'site/package.json', { ...options, skipSelf: true })
      : null
  }
}

// Where on its host the site will be: BASE=/tofu/ for https://host/tofu/
const base = process.env.BASE ?? '/'

export default defineConfig({
  title: 'tofu for Java',
  description: 'Asynchronous peer-to-peer messages over TCP and Unix domain sockets',
  lang: 'en',
  base,
  head: [['link', { rel: 'icon', href: 'data:,' }]],

  srcDir: '..',
  srcExclude: ['.*/**', 'examples/**', 'tofu-*/**', 'site/target/**'],
  rewrites: (file) => pages.get(file) ?? file.replace(/^site\//, ''),
  outDir: 'target/dist',
  cacheDir: 'target/cache',

  markdown: {
    theme: { light: 'github-light', dark: 'github-dark-default' },
    anchor: { slugify: slug },
    config: markdown
  },
  vite: {
    plugins: [vueForPages],
    // Mermaid is large, but is loaded only by pages that have a diagram.
    build: { chunkSizeWarningLimit: 2000 }
  },

  themeConfig: {
    outline: [2, 3],
    search: {
      provider: 'local',
      options: {
        _render: (text, env, md) =>
          env.relativePath.startsWith('source/') ? '' : md.render(text, env)
      }
    },
    nav: [
      ...GUIDE.slice(0, 1).map((file) => page(file, 'Guide')),
      page('docs/cookbook.md', 'Cookbook'),
      API
    ],
    sidebar: [
      { text: 'Overview', items: [page('README.md', 'In one page')] },
      { text: 'Guide', items: GUIDE.map((file) => page(file)) },
      { text: 'Cookbook', items: [page('docs/cookbook.md', 'Recipes')] },
      {
        text: 'Reference',
        items: [
          API,
          KIT_API,
          page('docs/wire.md'),
          page('docs/wire-examples.md'),
          page('docs/architecture.md'),
          page('docs/benchmarks.md'),
          page('docs/reliability.md'),
          page('SECURITY.md'),
          page('CHANGELOG.md')
        ]
      },
      { text: 'Decisions', collapsed: true, items: DECISIONS.map((file) => page(file)) }
    ]
  },

  buildEnd({ outDir }) {
    for (const file of dataFiles()) {
      const copy = `${outDir}/source/${file}`
      mkdirSync(dirname(copy), { recursive: true })
      copyFileSync(root + file, copy)
    }
  }
})
