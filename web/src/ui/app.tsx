import type { ComponentType } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { cards, progress, ready } from '../replica.ts'
import { behindLock, grants, isLeaving, lastSync, onTablet, signedIn } from '../session.ts'
import { t } from '../t.ts'
import { Banners } from './banners.tsx'
import { Board } from './board.tsx'
import { FirstLoad } from './first-load.tsx'
import { useKeptFocus } from './kept-focus.ts'
import { lazy } from './lazy.tsx'
import { Nav } from './nav.tsx'
import type { Route } from './route.ts'
import { useShell } from './shell.ts'
import { SyncSpoken } from './sync-pill.tsx'
import { ToastPlace } from './toast.tsx'
import { Today } from './today.tsx'

const Capture = lazy(async () => (await import('./capture.tsx')).Capture)
const CardPage = lazy(async () => (await import('./card-page.tsx')).CardPage)
const ThanksPage = lazy(async () => (await import('./thanks-page.tsx')).ThanksPage)
const Me = lazy(async () => (await import('./me.tsx')).Me)
const LockScreen = lazy(async () => (await import('./lock-screen.tsx')).LockScreen)
const TabletDoor = lazy(async () => (await import('./tablet-door.tsx')).TabletDoor)
const TabletFrame = lazy(async () => (await import('./tablet-frame.tsx')).TabletFrame)
const Join = lazy(async () => (await import('./join.tsx')).Join)
const OidcReturn = lazy(async () => (await import('./oidc-return.tsx')).OidcReturn)
const Organisation = lazy(async () => (await import('./organisation.tsx')).Organisation)
const PlacePage = lazy(async () => (await import('./place-page.tsx')).PlacePage)
const RosterPage = lazy(async () => (await import('./roster-page.tsx')).RosterPage)
const AuditPage = lazy(async () => (await import('./audit-page.tsx')).AuditPage)
const DropPage = lazy(async () => (await import('./drop-page.tsx')).DropPage)
const ClaimPage = lazy(async () => (await import('./claim-page.tsx')).ClaimPage)
const EnrolPage = lazy(async () => (await import('./enrol-page.tsx')).EnrolPage)
const ApprovePage = lazy(async () => (await import('./approve-page.tsx')).ApprovePage)
const StrengthsPage = lazy(async () => (await import('./strengths-page.tsx')).StrengthsPage)
const TasksPage = lazy(async () => (await import('./tasks-page.tsx')).TasksPage)
const AttentionPage = lazy(async () => (await import('./attention.tsx')).AttentionPage)

/** One window of the app. On a shared tablet nothing is shown to whoever is in without the frame that locks it (D-55). */
export function App() {
  const shell = useShell()
  const route = shell.route.value
  useTitle(route)
  useKeptFocus()
  if (isLeaving.value) return null
  return (
    <>
      <Whole route={route} />
      {onTablet.value && signedIn.value && <TabletFrame />}
    </>
  )
}

/** The way in, the first load, or the menu with a screen beside it. */
function Whole({ route }: { route: Route }) {
  const shell = useShell()
  const isLocked = onTablet.value && !signedIn.value
  if (route.at === 'returned') return <OidcReturn />
  if (route.at === 'claim' && !isLocked) return <ClaimPage />
  if (route.at === 'enrol') return <EnrolPage />
  if (isLocked) return <TabletDoor />
  if (behindLock.value) return <LockScreen />
  if (route.at === 'approve') return <ApprovePage />
  if (!signedIn.value || (route.at === 'join' && !onTablet.value)) return <Join />
  if (!ready.value || isFirstLoad()) return <FirstLoad />
  return (
    <div class={route.at === 'card' ? 'app at-card' : 'app'}>
      <a class="btn skip" href="#main">
        {t('nav.skip')}
      </a>
      <Nav />
      <SyncSpoken />
      <Main route={route} />
      {shell.capture.value && <Capture kind={shell.capture.value} />}
      <ToastPlace />
    </div>
  )
}

/** Nothing of my teams has ever reached this device, and it is on its way. */
const isFirstLoad = () =>
  cards('team').value.length === 0 &&
  grants.value.some((g) => g.kind === 'team' || g.kind === 'org') &&
  (progress.value !== null || lastSync.value === null)

function Main({ route }: { route: Route }) {
  const main = useRef<HTMLElement>(null)
  const first = useRef(true)
  useEffect(() => {
    if (!first.current) main.current?.focus({ preventScroll: true })
    first.current = false
  }, [route])
  return (
    <main id="main" ref={main} tabIndex={-1}>
      <Banners />
      <Screen route={route} />
    </main>
  )
}

function Screen({ route }: { route: Route }) {
  if (route.at === 'card') return <CardPage key={route.id} id={route.id} />
  if (route.at === 'place') return <PlacePage key={route.space} space={route.space} />
  if (route.at === 'roster') return <RosterPage key={route.space} space={route.space} />
  const screens: Readonly<Record<string, ComponentType>> = {
    board: Board,
    thanks: ThanksPage,
    me: Me,
    attention: AttentionPage,
    organisation: Organisation,
    audit: AuditPage,
    drop: DropPage,
    strengths: StrengthsPage,
    tasks: TasksPage,
  }
  const Chosen = screens[route.at] ?? Today
  return <Chosen />
}

/** The window's title names the screen, never a card. /uusi opens the capture sheet over today. */
function useTitle(route: Route) {
  const shell = useShell()
  const names = {
    today: t('nav.today'),
    new: t('nav.new'),
    board: t('nav.board'),
    thanks: t('nav.thanks'),
    me: t('nav.me'),
    card: t('title.card'),
    attention: t('attention.title'),
    join: t('join.title'),
    returned: t('join.title'),
    organisation: t('title.leading'),
    place: t('title.leading'),
    roster: t('title.leading'),
    audit: t('title.leading'),
    drop: t('drop.title'),
    claim: t('claim.title'),
    enrol: t('tablet.title'),
    approve: t('tablet.title'),
    strengths: t('nav.me'),
    tasks: t('nav.today'),
  }
  useEffect(() => {
    // On a shared tablet the title says nothing of anybody (D-15).
    document.title = onTablet.value ? t('app.name') : `${names[route.at]} – ${t('app.name')}`
    if (route.at !== 'new') return
    shell.capture.value = route.kind
    shell.go({ at: 'today' }, true)
  }, [route, names.today])
}
