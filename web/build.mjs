// Builds the app into dist/ in one esbuild call, then the service worker with the list of what was built.
//   node build.mjs            the app            node build.mjs --strict   the same; over budget is an error
//   node build.mjs --test     test/*.test.ts     node build.mjs --peer     the engine for the peer benchmarks
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import * as esbuild from 'esbuild'

const web = import.meta.dirname
const dist = path.join(web, 'dist')
const BUDGETS_KB = { 'first screen': 60, 'sync client': 15 }
/** docs/devices.md D-91 and decision 0031, not compressed; catalogues of words are no code, and a person loads one of them. */
const BUDGETS_RAW_KB = { 'first screen': 150, 'all code': 500 }
const common = {
  absWorkingDir: web,
  bundle: true,
  charset: 'utf8',
  define: { 'process.env.NODE_ENV': '"production"' },
  format: 'esm',
  legalComments: 'none',
  logLevel: 'warning',
  minify: true,
  target: ['chrome120', 'safari17', 'firefox128'],
}
const node = {
  ...common,
  // Packages written for require() still find Node's own modules.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
  },
  minify: false,
  nodePaths: [path.join(web, 'node_modules')],
  platform: 'node',
  target: 'node20',
}

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')
const isWords = (name) => /\/messages\.[\w.]+-/.test(name)
const isFirstWords = (name) => /\/messages\.\w+-/.test(name)
const rawKb = (files) => files.reduce((sum, bytes) => sum + bytes.length, 0) / 1000
const gzipKb = (files) => files.reduce((sum, bytes) => sum + gzipSync(bytes, { level: 9 }).length, 0) / 1000

/** Code, styles, font and icons under hashed names. Returns {assets: path → SHA-256, metafile}. */
async function buildAssets() {
  const icons = readdirSync(path.join(web, 'icons')).map((name) => `icons/${name}`)
  const { metafile } = await esbuild.build({
    ...common,
    assetNames: 'assets/[name]-[hash]',
    chunkNames: 'assets/[name]-[hash]',
    entryNames: 'assets/[name]-[hash]',
    entryPoints: ['src/main.tsx', 'src/app.css', ...icons],
    loader: { '.png': 'copy', '.svg': 'copy', '.woff2': 'file' },
    metafile: true,
    outdir: dist,
    splitting: true,
  })
  const names = Object.keys(metafile.outputs).sort()
  const assets = names.map((name) => [name.replace(/^dist/, ''), sha256(readFileSync(path.join(web, name)))])
  return { assets: Object.fromEntries(assets), metafile }
}

/** Replace `asset:NAME` by the hashed path of what was built from NAME. */
function fill(file, assets) {
  const text = readFileSync(path.join(web, file), 'utf8').replace(/asset:([\w.-]+)/g, (_, name) => {
    const { name: stem, ext } = path.parse(name)
    const found = Object.keys(assets).find(
      (p) => path.extname(p) === ext && path.basename(p).startsWith(`${stem}-`),
    )
    if (!found) throw new Error(`${file}: nothing was built from ${name}`)
    return found
  })
  writeFileSync(path.join(dist, file), text)
  return sha256(text)
}

/** `/sw.js`: knows every asset and its SHA-256, so that a wrong byte fails its install; and the way out of a bad one. */
async function buildWorker(assets, version, pack) {
  const define = {
    ...common.define,
    // Half of each hash: 128 bits are enough to know a file by, and the worker is code that everybody loads.
    ASSETS: JSON.stringify(
      Object.entries(assets).map(([path, hash]) => [path, hash.slice(0, 32), pack.bytes[path] ?? 0]),
    ),
    PACK: JSON.stringify(pack.path),
    VERSION: JSON.stringify(version),
  }
  await esbuild.build({
    ...common,
    define,
    entryPoints: ['src/sw.ts', 'src/way-out.ts'],
    format: 'iife',
    outdir: 'dist',
  })
}

/** All files in one, one after another, for browsers that have none of them yet. */
function packed(paths) {
  const files = paths.map((name) => readFileSync(path.join(dist, name)))
  const all = Buffer.concat(files)
  const name = `/assets/all-${sha256(all).slice(0, 8)}.pack`
  writeFileSync(path.join(dist, name), all)
  return { path: name, bytes: Object.fromEntries(paths.map((one, i) => [one, files[i].length])) }
}

/** The licences of what is served, for those who receive it. */
function writeLicences() {
  const names = ['preact', '@preact/signals', '@preact/signals-core', 'lucide-static', 'uqr']
  const packages = [...names, '@fontsource-variable/atkinson-hyperlegible-next']
  const text = packages.map(
    (name) => `${name}\n\n${readFileSync(`${web}/node_modules/${name}/LICENSE`, 'utf8')}\n`,
  )
  writeFileSync(path.join(dist, 'licences.txt'), text.join('\n'))
}

/** What the first screen loads: the entry, all it imports at once, and the largest language. */
function firstScreen({ outputs }) {
  const entry = Object.keys(outputs).find((name) => outputs[name].entryPoint === 'src/main.tsx')
  const seen = new Set([entry])
  for (const name of seen) {
    for (const to of outputs[name].imports) if (to.kind === 'import-statement') seen.add(to.path)
  }
  const bySize = (a, b) => outputs[b].bytes - outputs[a].bytes
  return [...seen, ...Object.keys(outputs).filter(isFirstWords).sort(bySize).slice(0, 1)]
}

/**
 * The engine alone, with the browser's storage, keys, clock, tabs and network: one minified bundle. The signals that the
 * screens are drawn with are counted with the screens.
 */
async function engine() {
  const parts = {
    startEngine: 'engine',
    realClock: 'clock',
    openDisk: 'disk',
    openVault: 'vault',
    makeWire: 'link/wire',
    browserTabs: 'link/tabs',
  }
  const contents = Object.entries(parts)
    .map(([name, file]) => `export { ${name} } from './src/${file}.ts'`)
    .join('\n')
  const external = ['@preact/signals-core']
  const built = await esbuild.build({
    ...common,
    external,
    stdin: { contents, resolveDir: web },
    write: false,
  })
  return built.outputFiles.map((file) => file.contents)
}

async function printBudget(metafile) {
  const read = (name) => readFileSync(path.join(web, name))
  const isCode = (name) => name.endsWith('.js') && !isWords(name)
  const first = firstScreen(metafile)
  const code = [...Object.keys(metafile.outputs).filter(isCode), 'dist/sw.js']
  const gzipped = { 'first screen': gzipKb(first.map(read)), 'sync client': gzipKb(await engine()) }
  print(gzipped, BUDGETS_KB, 'gzip')
  print({ 'first screen': rawKb(first.map(read)), 'all code': rawKb(code.map(read)) }, BUDGETS_RAW_KB, 'raw')
}

function print(sizes, budgets, how) {
  for (const [what, kb] of Object.entries(sizes)) {
    const over = kb > budgets[what]
    console.log(`${what}: ${kb.toFixed(1)} kB ${how} of ${budgets[what]}${over ? '  OVER' : ''}`)
    if (over && process.argv.includes('--strict')) process.exitCode = 1
  }
}

async function buildApp() {
  rmSync(dist, { recursive: true, force: true })
  const { assets, metafile } = await buildAssets()
  fill('manifest.webmanifest', assets)
  const all = { '/': fill('index.html', assets), ...assets }
  const version = sha256(JSON.stringify(all)).slice(0, 12)
  await buildWorker(all, version, packed(Object.keys(assets)))
  writeLicences()
  writeFileSync(path.join(dist, 'assets.json'), `${JSON.stringify({ version, assets: all }, null, 2)}\n`)
  await printBudget(metafile)
}

async function buildTests() {
  const outdir = path.join(web, '../build/web-test')
  rmSync(outdir, { recursive: true, force: true })
  mkdirSync(outdir, { recursive: true })
  const entryPoints = readdirSync(path.join(web, 'test'))
    .filter((f) => /\.test\.tsx?$/.test(f))
    .map((f) => `test/${f}`)
  await esbuild.build({ ...node, entryPoints, outdir, outExtension: { '.js': '.mjs' }, sourcemap: 'inline' })
}

/** The very modules that the browser runs, for Node: tests/bench/peer/adapter.ts → adapter.mjs beside it. */
async function buildPeer() {
  const peer = path.join(web, '../tests/bench/peer')
  await esbuild.build({ ...node, entryPoints: [`${peer}/adapter.ts`], outfile: `${peer}/adapter.mjs` })
}

const build = process.argv.includes('--test')
  ? buildTests
  : process.argv.includes('--peer')
    ? buildPeer
    : buildApp
try {
  await build()
} catch (error) {
  // esbuild has printed its own errors already.
  if (!error.errors) console.error(error)
  process.exitCode = 1
}
