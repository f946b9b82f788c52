import type { Page } from '@playwright/test';

/** What the keys of a Hebrew keyboard write, by where they are. */
const layout: Record<string, string> = {
  KeyQ: '/', KeyW: "'", KeyE: 'ק', KeyR: 'ר', KeyT: 'א', KeyY: 'ט', KeyU: 'ו', KeyI: 'ן', KeyO: 'ם', KeyP: 'פ', KeyA: 'ש', KeyS: 'ד', KeyD: 'ג', KeyF: 'כ', KeyG: 'ע', KeyH: 'י',
  KeyJ: 'ח', KeyK: 'ל', KeyL: 'ך', KeyZ: 'ז', KeyX: 'ס', KeyC: 'ב', KeyV: 'ה', KeyB: 'נ', KeyN: 'מ', KeyM: 'צ', Slash: '.',
};

const held = { Alt: 1, Control: 2, Shift: 8 } as const;

/** Presses a key where it is on a Hebrew keyboard, such as Alt+KeyE. */
export async function pressHebrew(page: Page, chord: string): Promise<void> {
  const parts = chord.split('+');
  const code = parts.pop() ?? '';
  const key = layout[code];
  if (!key) return page.keyboard.press(chord);
  const modifiers = parts.reduce((sum, part) => sum + held[part as keyof typeof held], 0);
  const client = await page.context().newCDPSession(page);
  // With Alt or Ctrl a key writes nothing.
  const event = { code, key, modifiers, windowsVirtualKeyCode: code.startsWith('Key') ? code.charCodeAt(3) : 191, ...(modifiers & 3 ? {} : { text: key }) };
  await client.send('Input.dispatchKeyEvent', { type: 'keyDown', ...event });
  await client.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  await client.detach();
}
