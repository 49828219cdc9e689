import { onlyOwn } from '../replica.ts'
import { net, onTablet, outdated } from '../session.ts'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { lazy } from './lazy.tsx'
import { LinkTo } from './link-to.tsx'
import { useShell } from './shell.ts'

const UnknownCopy = lazy(async () => (await import('./unknown-copy.tsx')).UnknownCopy)

/** What holds for the whole window just now: no network, signed out, a new version. */
export function Banners() {
  const shell = useShell()
  const renew = shell.update.value
  // Never while something is being written: the sheet's own state would start over.
  const mayRenew = renew && shell.capture.value === null && shell.route.value.at !== 'card'
  return (
    <div class="banners">
      {net.value === 'signed_out' && (onTablet.value ? <UnknownCopy /> : <SignedOut />)}
      {(net.value === 'offline' || !shell.online.value) && net.value !== 'signed_out' && (
        <div class="banner wait" role="status">
          <Icon name="cloud-off" />
          <span class="grow">
            <b>{t('banner.offline')}</b>
            {t('banner.offline_text')}
          </span>
        </div>
      )}
      {onlyOwn.value && (
        <div class="banner wait" role="status">
          <Icon name="cloud-off" />
          <span class="grow">
            <b>{t('banner.only_own')}</b>
            {t('banner.only_own_text')}
          </span>
        </div>
      )}
      {outdated.value && !renew && (
        <div class="banner wait" role="status">
          <Icon name="refresh-cw" />
          <span class="grow">
            <b>{t('banner.outdated')}</b>
            {t('banner.outdated_text')}
          </span>
        </div>
      )}
      {mayRenew && (
        <div class="banner" role="status">
          <Icon name="refresh-cw" />
          <span class="grow">
            <b>{t('banner.update')}</b>
            {t('banner.update_text')}
          </span>
          <button type="button" class="btn plain" onClick={renew}>
            {t('banner.renew')}
          </button>
        </div>
      )}
    </div>
  )
}

/** The session ended. Everything written here stays and can be written on; sending needs a new link. */
function SignedOut() {
  return (
    <div class="banner wait" role="status">
      <Icon name="log-out" />
      <span class="grow">
        <b>{t('banner.signed_out')}</b>
        {t('banner.signed_out_text')}
      </span>
      <LinkTo to={{ at: 'join' }} class="btn plain">
        {t('banner.sign_in')}
      </LinkTo>
    </div>
  )
}
