import { render } from 'preact'
import { call, type Method, type Result } from '../link.ts'
import { speakMore } from '../t.ts'

/**
 * As `call`, for what needs a proof of the last five minutes (D-32): where the server asks for one, the person is asked
 * to confirm, and the call is made again. Whoever doesn't confirm gets the server's refusal, `reauth_required`.
 */
export async function callProved<T>(
  method: Method,
  path: string,
  body: unknown,
  decode: (value: unknown) => T,
): Promise<Result<T>> {
  const first = await call(method, path, body, decode)
  if (first.ok || first.error !== 'reauth_required') return first
  return (await prove()) ? await call(method, path, body, decode) : first
}

/** Ask the person to confirm; true once the server has taken the proof. */
export async function prove(): Promise<boolean> {
  const [{ ProofSheet }] = await Promise.all([import('./proof-sheet.tsx'), speakMore()])
  const host = document.body.appendChild(document.createElement('div'))
  const proved = await new Promise<boolean>((done) => {
    render(<ProofSheet done={done} />, host)
  })
  render(null, host)
  host.remove()
  return proved
}
