import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { useShell } from './shell.ts'

/** Whether the app runs from the home screen. */
export const isInstalled = () =>
  matchMedia('(display-mode: standalone)').matches || Reflect.get(navigator, 'standalone') === true
/** iPhones and iPads; the latter call themselves a Mac with a touch screen. */
export const isApple = () =>
  /iPhone|iPad|iPod/.test(navigator.userAgent) ||
  (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1)

/** How to have Virtaamo on the home screen, and why. Nothing where it already is, or can't be. */
export function InstallHint() {
  const shell = useShell()
  const install = shell.install.value
  if (isInstalled()) return null
  if (install) {
    return (
      <section class="banner">
        <Icon name="download" />
        <span class="grow">
          <b>{t('install.title')}</b>
          {t('install.why')}
        </span>
        <button type="button" class="btn plain" onClick={install}>
          {t('install.do')}
        </button>
      </section>
    )
  }
  if (!isApple()) return null
  return (
    <section class="banner">
      <Icon name="share" />
      <span class="grow">
        <b>{t('install.ios_title')}</b>
        {t('install.ios_why')}
        <br />
        {t('install.ios_how')}
      </span>
    </section>
  )
}
