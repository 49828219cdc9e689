/** The screens, and their addresses. Addresses carry opaque ids only, never words of a card. */
export type Route =
  | { at: 'today' }
  | { at: 'board' }
  | { at: 'card'; id: string }
  | { at: 'me' }
  | { at: 'attention' }
  | { at: 'join' }
  | { at: 'returned' }
  | { at: 'new'; kind: 'idea' | 'observation' }

const CARD = /^\/kortti\/([0-9a-f]{32})$/
const PATHS = {
  today: '/',
  board: '/taulu',
  me: '/mina',
  attention: '/huomio',
  join: '/liity',
  returned: '/kirjautunut',
  new: '/uusi',
} as const

export function routeOf({ pathname, search }: { pathname: string; search: string }): Route {
  const card = CARD.exec(pathname)?.[1]
  if (card) return { at: 'card', id: card }
  if (pathname === PATHS.new) return { at: 'new', kind: search.includes('havainto') ? 'observation' : 'idea' }
  for (const at of ['board', 'me', 'attention', 'join', 'returned'] as const)
    if (pathname === PATHS[at]) return { at }
  return { at: 'today' }
}

export const pathOf = (route: Route): string =>
  route.at === 'card' ? `/kortti/${route.id}` : PATHS[route.at]
