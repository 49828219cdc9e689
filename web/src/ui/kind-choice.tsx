import { t } from '../t.ts'
import { Radios } from './radios.tsx'

type Kind = 'idea' | 'observation'

/** Idea or observation. */
export function KindChoice({ kind, choose }: { kind: Kind; choose: (kind: Kind) => void }) {
  const options = [
    { value: 'idea', words: t('kind.idea'), icon: 'lightbulb', tint: 'idea' },
    { value: 'observation', words: t('kind.observation'), icon: 'eye', tint: 'notice' },
  ] as const
  return <Radios look="kind" label={t('capture.kind')} options={options} value={kind} choose={choose} />
}
