import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { LinkTo } from './link-to.tsx'
import { Logo } from './logo.tsx'
import { useShell } from './shell.ts'
import { SyncPill } from './sync-pill.tsx'

/** The way around: below on a phone, at the left on a tablet, on top on a desk. One landmark, three looks. */
export function Nav() {
  const shell = useShell()
  const { at } = shell.route.value
  return (
    <header class="frame">
      <LinkTo to={{ at: 'today' }} class="brand">
        <Logo />
        Virtaamo
      </LinkTo>
      <nav class="nav" aria-label={t('nav.name')}>
        <LinkTo to={{ at: 'today' }} current={at === 'today'}>
          <Icon name="sun" />
          {t('nav.today')}
        </LinkTo>
        <LinkTo to={{ at: 'board' }} current={at === 'board'}>
          <Icon name="kanban" />
          {t('nav.board')}
        </LinkTo>
        <button
          type="button"
          class="plus"
          aria-label={t('nav.new')}
          onClick={() => (shell.capture.value = 'idea')}
        >
          <span>
            <Icon name="plus" size="l" />
          </span>
          <b aria-hidden="true">{t('nav.write')}</b>
        </button>
        <LinkTo to={{ at: 'thanks' }} current={at === 'thanks'}>
          <Icon name="heart-handshake" />
          {t('nav.thanks')}
        </LinkTo>
        <LinkTo to={{ at: 'me' }} current={at === 'me'}>
          <Icon name="user-round" />
          {t('nav.me')}
        </LinkTo>
      </nav>
      <SyncPill />
    </header>
  )
}
