/** Filled in by build.mjs when it builds the service worker. */
declare const ASSETS: readonly (readonly [path: string, sha256: string])[]
declare const VERSION: string
