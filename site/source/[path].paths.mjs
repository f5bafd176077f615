import { sourcePages } from '../.vitepress/links.mjs'

export default { paths: sourcePages }
