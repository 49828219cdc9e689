import { fetchFile, type Result } from '../link.ts'
import { prove } from './proof.tsx'

const PATH = '/api/me/export'

/** My own data as a ZIP; where the server wants a proof, the person is asked for one first. */
export async function fetchExport(): Promise<Result<Blob>> {
  const first = await fetchFile(PATH, 'application/zip')
  if (first.ok || first.error !== 'reauth_required') return first
  return (await prove()) ? await fetchFile(PATH, 'application/zip') : first
}
