/** Do this while no other window of the browser does it; where browsers have no locks, at once. */
export async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = globalThis.navigator?.locks
  return locks === undefined ? await work() : await locks.request(name, work)
}
