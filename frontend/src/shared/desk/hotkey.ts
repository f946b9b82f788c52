/** The key of a macro, as it stands on a keyboard. */
import { altKey } from '~/shared/lib/keyNames';

/** Alt+Shift+Digit1 → Alt, Shift, 1. */
export const keysOf = (hotkey: string): string[] => hotkey.split('+').map((part) => (part === 'Alt' ? altKey : part.replace(/^(Key|Digit)/, '')));
