/** The screens, and their addresses. Addresses carry opaque ids only, never words of a card. */
export type Route =
  | { at: 'today' }
  | { at: 'board' }
  | { at: 'card'; id: string }
  | { at: 'thanks' }
  | { at: 'me' }
  | { at: 'attention' }
  | { at: 'join' }
  | { at: 'returned' }
  | { at: 'organisation' }
  | { at: 'place'; space: number }
  | { at: 'roster'; space: number | null }
  | { at: 'audit' }
  | { at: 'drop' }
  | { at: 'claim' }
  | { at: 'enrol' }
  | { at: 'approve' }
  | { at: 'strengths' }
  | { at: 'tasks' }
  | { at: 'new'; kind: 'idea' | 'observation' }

const CARD = /^\/kortti\/([0-9a-f]{32})$/
const PLACE = /^\/(tiimi|kutsulista)\/(\d{1,10})$/
/** Screens that are always the same. */
const PLAIN = {
  today: '/',
  board: '/taulu',
  thanks: '/kiitos',
  me: '/mina',
  attention: '/huomio',
  join: '/liity',
  returned: '/kirjautunut',
  organisation: '/organisaatio',
  audit: '/tapahtumaloki',
  drop: '/pudota',
  claim: '/lunasta',
  enrol: '/laite',
  approve: '/hyvaksy',
  strengths: '/vahvuudet',
  tasks: '/valitehtavat',
} as const
const PATHS = { ...PLAIN, roster: '/kutsulista', new: '/uusi' } as const

export function routeOf({ pathname, search }: { pathname: string; search: string }): Route {
  const card = CARD.exec(pathname)?.[1]
  if (card) return { at: 'card', id: card }
  const place = PLACE.exec(pathname)
  if (place) return { at: place[1] === 'tiimi' ? 'place' : 'roster', space: Number(place[2]) }
  if (pathname === PATHS.roster) return { at: 'roster', space: null }
  if (pathname === PATHS.new) return { at: 'new', kind: search.includes('havainto') ? 'observation' : 'idea' }
  // Its keys are what its type says.
  const names = Object.keys(PLAIN) as (keyof typeof PLAIN)[]
  return { at: names.find((at) => PLAIN[at] === pathname) ?? 'today' }
}

export function pathOf(route: Route): string {
  if (route.at === 'card') return `/kortti/${route.id}`
  if (route.at === 'place') return `/tiimi/${route.space}`
  if (route.at === 'roster' && route.space !== null) return `${PATHS.roster}/${route.space}`
  return PATHS[route.at]
}
