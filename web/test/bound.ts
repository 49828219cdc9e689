import type { Disk } from '../src/disk.ts'

/** The disk as plain functions, to replace one of them. */
export function bound(disk: Disk): Disk {
  return {
    name: disk.name,
    all: (store) => disk.all(store),
    keys: (store) => disk.keys(store),
    get: (store, key) => disk.get(store, key),
    write: (steps) => disk.write(steps),
    append: (rows, builtOn) => disk.append(rows, builtOn),
    close: () => disk.close(),
  }
}
