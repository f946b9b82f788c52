import { chat, type Chat } from './chat';
import { gateway } from './gateway';
import { keeper } from './kept';
import { view } from './view';
import { choose } from './words';

/** <script async src="https://inbox.example/widget.js" data-channel="chn_…"></script> */
async function boot(script: HTMLScriptElement) {
  const channel = script.dataset.channel;
  if (!channel || document.getElementById('wasl-chat')) return;
  const kept = keeper(channel);
  const asked = gateway(new URL(script.src).origin, channel, kept);
  const settings = await asked.settings();
  if (document.readyState === 'loading') await new Promise((ready) => document.addEventListener('DOMContentLoaded', ready, { once: true }));
  const language = choose(script.dataset.language, settings.language, document.documentElement.lang, ...navigator.languages);
  const shown = view(language, asked.fileURL);
  let mine: Chat | null = null;
  mine = chat(asked, kept, settings, () => mine && shown.draw());
  shown.show(mine);
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement) boot(script).catch(() => undefined); // a page without its gateway has no chat
