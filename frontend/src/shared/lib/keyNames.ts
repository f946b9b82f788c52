/** What the keys are called on this device. */
const mac = /Mac|iPhone|iPad/.test(navigator.userAgent);

export const modKey = mac ? '⌘' : 'Ctrl';
export const altKey = mac ? '⌥' : 'Alt';
