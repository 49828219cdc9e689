/** The names of the databases on this device; none says whose it is (D-01). */
export async function diskNames(factory: IDBFactory = indexedDB): Promise<string[]> {
  const all = await factory.databases()
  return all.flatMap(({ name }) => (name === undefined ? [] : [name]))
}
