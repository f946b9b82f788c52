/**
 * Everything that can be done in the app: one entry for each action. Keys, the palette, the help and the page on which keys are changed
 * are made of it. Its words are `actions:<id>`; what it does is said where it happens (useActions), which is also where it applies: an
 * action that nothing on screen offers cannot be done now. Those with `to` go somewhere.
 */

export interface Action {
  group: (typeof groups)[number];
  /** A physical key (KeyboardEvent.code) with what is held, or two of them one after the other; missing: by the palette. */
  key?: string;
  /** Where alone its key is heard: a key may do one thing in the list and another in the field, which hears its own. */
  place?: 'list' | 'field';
  /** The key is what everybody expects, and stays. */
  fixed?: true;
  /** Where it goes. */
  to?: string;
  search?: Record<string, string | boolean | string[]>;
  /** Only for those who may do this. */
  may?: string;
}

export const groups = ['conversation', 'field', 'message', 'list', 'go', 'me'] as const;

export const actions = {
  resolve: { group: 'conversation', key: 'KeyE' },
  reply: { group: 'conversation', key: 'KeyR' },
  note: { group: 'conversation', key: 'KeyN' },
  assign: { group: 'conversation', key: 'KeyA' },
  assignMe: { group: 'conversation', key: 'Shift+KeyA' },
  transfer: { group: 'conversation', key: 'Shift+KeyH' },
  snooze: { group: 'conversation', key: 'KeyS' },
  pending: { group: 'conversation', key: 'Shift+KeyP' },
  label: { group: 'conversation', key: 'KeyL' },
  priority: { group: 'conversation', key: 'KeyP' },
  type: { group: 'conversation', key: 'KeyY' },
  unread: { group: 'conversation', key: 'KeyU' },
  remind: { group: 'conversation', key: 'Alt+KeyM' },
  takeOver: { group: 'conversation', key: 'Alt+KeyT' },
  customer: { group: 'conversation', key: 'KeyI' },
  merge: { group: 'conversation' },
  mergeInto: { group: 'conversation' },
  transcript: { group: 'conversation' },
  why: { group: 'conversation', key: 'KeyW' },
  nextOpen: { group: 'conversation', key: 'Alt+KeyJ' },
  previousOpen: { group: 'conversation', key: 'Alt+KeyK' },
  accept: { group: 'conversation', key: 'Alt+KeyY' },
  decline: { group: 'conversation', key: 'Alt+KeyX' },
  send: { group: 'field', key: 'Enter', place: 'field', fixed: true },
  sendResolve: { group: 'field', key: 'Mod+Shift+Enter', place: 'field' },
  sendSnooze: { group: 'field' },
  line: { group: 'field', key: 'Shift+Enter', place: 'field', fixed: true },
  later: { group: 'field', key: 'Alt+Enter' },
  undo: { group: 'field', key: 'Mod+KeyZ', place: 'field' },
  canned: { group: 'field', key: 'KeyQ' },
  template: { group: 'field', key: 'KeyH' },
  attach: { group: 'field', key: 'KeyO' },
  channel: { group: 'field', key: 'KeyC' },
  emoji: { group: 'field', key: 'Alt+Shift+KeyE' },
  voice: { group: 'field', key: 'KeyV' },
  bold: { group: 'field', key: 'Mod+KeyB', place: 'field' },
  italic: { group: 'field', key: 'Mod+KeyI', place: 'field' },
  strike: { group: 'field', key: 'Mod+Shift+KeyX', place: 'field' },
  mono: { group: 'field', key: 'Mod+Shift+KeyM', place: 'field' },
  react: { group: 'message', key: 'KeyF' },
  quote: { group: 'message', key: 'Shift+KeyR' },
  lifeline: { group: 'message', key: 'KeyD' },
  search: { group: 'list', key: 'Slash' },
  next: { group: 'list', key: 'KeyJ', place: 'list' },
  previous: { group: 'list', key: 'KeyK', place: 'list' },
  open: { group: 'list', key: 'Enter', place: 'list', fixed: true },
  select: { group: 'list', key: 'KeyX', place: 'list' },
  selectTo: { group: 'list', key: 'Shift+KeyX', place: 'list' },
  selectAll: { group: 'list', key: 'Shift+KeyB', place: 'list' },
  bulk: { group: 'list', key: 'KeyB', place: 'list' },
  take: { group: 'list', key: 'KeyT' },
  allRead: { group: 'list', key: 'Shift+KeyU' },
  sort: { group: 'list', key: 'Shift+KeyS' },
  compact: { group: 'list' },
  newCustomer: { group: 'list', key: 'Shift+KeyC' },
  palette: { group: 'go', key: 'Mod+KeyK' },
  help: { group: 'go', key: 'Shift+Slash' },
  leave: { group: 'go', key: 'Escape', fixed: true },
  goInbox: { group: 'go', key: 'KeyG KeyI', to: '/inbox' },
  goMine: { group: 'go', key: 'KeyG KeyM', to: '/inbox', search: { view: 'mine' } },
  goUnassigned: { group: 'go', key: 'KeyG KeyU', to: '/inbox', search: { view: 'unassigned' } },
  goUnread: { group: 'go', key: 'KeyG KeyN', to: '/inbox', search: { unread: true } },
  goSnoozed: { group: 'go', key: 'KeyG KeyZ', to: '/inbox', search: { status: ['snoozed'] } },
  goResolved: { group: 'go', key: 'KeyG KeyE', to: '/inbox', search: { status: ['resolved'] } },
  goLive: { group: 'go', key: 'KeyG KeyL', to: '/live', may: 'floor.watch' },
  goSettings: { group: 'go', key: 'KeyG KeyS', to: '/settings' },
  goKeys: { group: 'go', key: 'KeyG KeyK', to: '/settings/keys' },
  goCanned: { group: 'go', to: '/settings/canned-replies' },
  goMacros: { group: 'go', to: '/settings/macros' },
  goViews: { group: 'go', to: '/settings/views' },
  goLabels: { group: 'go', to: '/settings/labels' },
  goSatisfaction: { group: 'go', to: '/settings/satisfaction', may: 'floor.watch' },
  goChannels: { group: 'go', to: '/settings/channels' },
  goAttention: { group: 'go', key: 'KeyG KeyA', to: '/settings/dead-letters', may: 'dead_letter.manage' },
  account: { group: 'me', key: 'KeyG KeyP' },
  theme: { group: 'me' },
} satisfies Record<string, Action>;

export type ActionId = keyof typeof actions;
export const actionIds = Object.keys(actions) as ActionId[];
export const actionOf = (id: ActionId): Action => actions[id];
