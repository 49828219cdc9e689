/** Filled in by build.mjs when it builds the service worker. */
/** Every file of the app; the shell first, which has no bytes in the pack. */
declare const ASSETS: readonly (readonly [path: string, sha256: string, bytes: number])[]
/** Where the pack is: the bytes of all files, one after another. */
declare const PACK: string
declare const VERSION: string
