import { useEffect, useState } from 'preact/hooks'
import { sendNow } from '../link.ts'
import { attention, waiting } from '../replica.ts'
import { deviceUsage } from '../session/room.ts'
import { lastSync, net } from '../session.ts'
import { t } from '../t.ts'
import { Icon } from './icons.tsx'
import { LinkTo } from './link-to.tsx'
import { useShell } from './shell.ts'
import { syncWords } from './sync-pill.tsx'
import { ago } from './when.ts'

/** Tallennus: what waits here, when we last heard from the server, how much room it takes. */
export function MeDevice() {
  const shell = useShell()
  const persisted = usePersisted()
  const { icon, text } = syncWords(shell.online.value)
  const heard = lastSync.value ?? shell.heard.value
  const usage = deviceUsage.value
  return (
    <section class="panel v" id="tallennus" aria-labelledby="me-device">
      <h2 id="me-device">{t('device.title')}</h2>
      <p class="h gap2">
        <Icon name={icon} />
        <b>{text}</b>
      </p>
      <dl class="v gap2 sm">
        <Fact name={t('device.waiting')} words={String(waiting.value)} />
        <Fact
          name={t('device.last')}
          words={heard === null ? t('device.never') : ago(heard, shell.now.value)}
        />
        <Fact
          name={t('device.used')}
          words={usage === null ? '–' : t('device.mb', { mb: (usage / 1_000_000).toFixed(1) })}
        />
        <Fact
          name={t('device.kept')}
          words={persisted === null ? t('device.unknown') : persisted ? t('device.yes') : t('device.no')}
        />
      </dl>
      <div class="choices">
        <button
          type="button"
          class="btn soft"
          onClick={() => sendNow()}
          aria-disabled={net.value === 'signed_out'}
        >
          <Icon name="cloud-upload" size="s" />
          {t('device.send')}
        </button>
        {attention.value.length > 0 && (
          <LinkTo to={{ at: 'attention' }} class="btn">
            {t('attention.title')}
          </LinkTo>
        )}
      </div>
    </section>
  )
}

function Fact({ name, words }: { name: string; words: string }) {
  return (
    <div class="fact">
      <dt class="soft">{name}</dt>
      <dd class="num">{words}</dd>
    </div>
  )
}

/** The browser's answer, when it has one; nothing waits for it. */
function usePersisted(): boolean | null {
  const [persisted, set] = useState<boolean | null>(null)
  useEffect(() => {
    navigator.storage?.persisted?.().then(set, () => undefined)
  }, [])
  return persisted
}
