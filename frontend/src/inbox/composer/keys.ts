import { modKey } from '~/shared/lib/keyNames';

/** Keyboards on glass have no Shift+Enter: there Enter is a new line and the button sends. */
export const onGlass = () => matchMedia('(hover: none) and (pointer: coarse)').matches;

/** Ctrl+Enter as the keys of this machine say it. */
export const modEnter = modKey === '⌘' ? '⌘ Enter' : 'Ctrl+Enter';
