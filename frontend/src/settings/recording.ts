/** Which keys somebody may give to an action. Pure. */
import { actionOf, type ActionId } from '~/shared/actions/registry';

export type Unfit = 'unfit' | 'needsHeld';

/** Keys with which people write, move and leave. */
const writes = /^(Shift\+)?(Enter|Escape|Tab|Space|Backspace|Delete|Arrow\w+|Home|End|Page\w+|Numpad\w+|ContextMenu|CapsLock|F5|F11|F12)$/;
/** What every browser keeps for itself, and what everybody copies and pastes with. */
const browsers = /^Mod\+(Key[TNWQRLCVXAPFJHD]|Digit\d|Tab|Shift\+Key[TNWQJIR])$/;

/** Why a key cannot be an action's; undefined: it can. */
export function recordable(chord: string, id: ActionId): Unfit | undefined {
  const parts = chord.split(' ');
  if (parts.length > 2 || parts.some((part) => writes.test(part) || browsers.test(part))) return 'unfit';
  if (parts.some((part) => /Unidentified|^$|\+$/.test(part))) return 'unfit';
  if (actionOf(id).place === 'field' && (parts.length > 1 || !/^(Mod|Alt)\+/.test(chord))) return 'needsHeld';
  return undefined;
}
