/** Compression by the platform. */

export const gzip = (bytes: Uint8Array<ArrayBuffer>) => through(bytes, new CompressionStream('gzip'))

export const gunzip = (bytes: Uint8Array<ArrayBuffer>) => through(bytes, new DecompressionStream('gzip'))

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const writer = stream.writable.getWriter()
  // What goes wrong shows at the reading end, too.
  Promise.all([writer.write(bytes), writer.close()]).catch(() => {})
  return new Uint8Array(await new Response(stream.readable).arrayBuffer())
}
