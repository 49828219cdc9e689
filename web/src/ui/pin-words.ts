import { t } from '../t.ts'
import type { PinFault } from '../vault/pin.ts'

/** Why a PIN is refused, in words. */
export const PIN_FAULTS: Readonly<Record<PinFault, () => string>> = {
  length: () => t('pin.length'),
  repeated: () => t('pin.repeated'),
  run: () => t('pin.run'),
  keypad: () => t('pin.keypad'),
  date: () => t('pin.date'),
  common: () => t('pin.common'),
}
