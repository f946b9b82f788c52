import 'i18next';
import type actions from './locales/en/actions.json';
import type common from './locales/en/common.json';
import type composer from './locales/en/composer.json';
import type desk from './locales/en/desk.json';
import type finish from './locales/en/finish.json';
import type find from './locales/en/find.json';
import type inbox from './locales/en/inbox.json';
import type live from './locales/en/live.json';
import type more from './locales/en/more.json';
import type move from './locales/en/move.json';
import type offline from './locales/en/offline.json';
import type remind from './locales/en/remind.json';
import type settings from './locales/en/settings.json';
import type thread from './locales/en/thread.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: {
      actions: typeof actions;
      common: typeof common;
      inbox: typeof inbox;
      thread: typeof thread;
      composer: typeof composer;
      settings: typeof settings;
      live: typeof live;
      desk: typeof desk;
      more: typeof more;
      move: typeof move;
      remind: typeof remind;
      finish: typeof finish;
      offline: typeof offline;
      find: typeof find;
    };
  }
}
