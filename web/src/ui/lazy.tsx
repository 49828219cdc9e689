import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { speakMore, t } from '../t.ts'
import { Empty } from './empty.tsx'

type Load<P> = () => Promise<ComponentType<P>>

/** A screen whose code and words come when it is first opened; it is precached, so this is quick offline too. */
export function lazy<P extends object>(load: Load<P>): ComponentType<P> {
  let loaded: ComponentType<P> | undefined
  return function Lazy(props: P) {
    const [, redraw] = useState(0)
    const [failed, fail] = useState(false)
    useEffect(() => {
      if (loaded) return
      Promise.all([load(), speakMore()]).then(
        ([screen]) => {
          loaded = screen
          redraw(1)
        },
        () => fail(true),
      )
    }, [])
    const Screen = loaded
    if (Screen) return <Screen {...props} />
    return failed ? <NotLoaded /> : <p class="gut" aria-busy="true" />
  }
}

function NotLoaded() {
  return (
    <div class="screen gut">
      <Empty heading="h1" title={t('lazy.failed')} text={t('lazy.failed_text')}>
        <button type="button" class="btn" onClick={() => location.reload()}>
          {t('lazy.again')}
        </button>
      </Empty>
    </div>
  )
}
