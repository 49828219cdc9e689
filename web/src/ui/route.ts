/** The screens, and their addresses. Addresses carry opaque ids only, never words of a card. */
export type Route =
  | { at: 'today' }
  | { at: 'board' }
  | { at: 'card'; id: string }
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
  | { at: 'new'; kind: 'idea' | 'observation' }

const CARD = /^\/kortti\/([0-9a-f]{32})$/
const PLACE = /^\/(tiimi|kutsulista)\/(\d{1,10})$/
const PATHS = {
  today: '/',
  board: '/taulu',
  me: '/mina',
  attention: '/huomio',
  join: '/liity',
  returned: '/kirjautunut',
  organisation: '/organisaatio',
  roster: '/kutsulista',
  audit: '/tapahtumaloki',
  drop: '/pudota',
  claim: '/lunasta',
  new: '/uusi',
} as const

export function routeOf({ pathname, search }: { pathname: string; search: string }): Route {
  const card = CARD.exec(pathname)?.[1]
  if (card) return { at: 'card', id: card }
  const place = PLACE.exec(pathname)
  if (place) return { at: place[1] === 'tiimi' ? 'place' : 'roster', space: Number(place[2]) }
  if (pathname === PATHS.roster) return { at: 'roster', space: null }
  if (pathname === PATHS.new) return { at: 'new', kind: search.includes('havainto') ? 'observation' : 'idea' }
  for (const at of [
    'board',
    'me',
    'attention',
    'join',
    'returned',
    'organisation',
    'audit',
    'drop',
    'claim',
  ] as const)
    if (pathname === PATHS[at]) return { at }
  return { at: 'today' }
}

export function pathOf(route: Route): string {
  if (route.at === 'card') return `/kortti/${route.id}`
  if (route.at === 'place') return `/tiimi/${route.space}`
  if (route.at === 'roster' && route.space !== null) return `${PATHS.roster}/${route.space}`
  return PATHS[route.at]
}
