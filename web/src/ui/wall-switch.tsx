import { useState } from 'preact/hooks'
import { t } from '../t.ts'
import { whyNot } from './account.ts'
import { Fault } from './fault.tsx'
import { callProved } from './proof.tsx'
import { Switch } from './switch.tsx'
import type { SharedTablet } from './tablets.ts'

interface WallSwitchProps {
  tablet: Pick<SharedTablet, 'id' | 'walls'>
  space: number
  changed: (walls: number[]) => void
}

/** Whether a tablet shows the team's board while it is locked, and who then reads it (D-45). */
export function WallSwitch({ tablet, space, changed }: WallSwitchProps) {
  const [on, setOn] = useState(tablet.walls.includes(space))
  const [fault, setFault] = useState('')
  const set = async (wanted: boolean) => {
    const path = `/api/devices/${tablet.id}/wall/${space}`
    const done = await callProved(wanted ? 'PUT' : 'DELETE', path, {}, () => null)
    if (done.ok) {
      setOn(wanted)
      changed([...tablet.walls.filter((one) => one !== space), ...(wanted ? [space] : [])])
    }
    setFault(done.ok ? '' : whyNot(done))
  }
  return (
    <div class="v gap2">
      <Switch words={t('wall.switch')} on={on} set={set} hint={t('wall.switch_hint')} />
      <Fault words={fault} />
    </div>
  )
}
