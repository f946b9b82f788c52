// The apps on a phone: what each is called, looks like and can do.
import { h, icon } from './dom.js'

const bubble = 'M12 4c4.600 0 8 3.100 8 7.200s-3.400 7.200-8 7.200c-1 0-2-.150-2.900-.400L5.500 20l.7-3.300C4.800 15.300 4 13.400 4 11.200 4 7.100 7.400 4 12 4Z'

const handover = ['take_thread_control', 'pass_thread_control', 'request_thread_control']

/** What an app is. `attach` names what its + menu offers; `tells`, what its provider reports on demand; the rest, what can be done with a message. */
export const apps = {
  whatsapp: { name: 'WhatsApp', path: bubble + 'M9.500 9.200c0 3 2.300 5.300 5.300 5.300', attach: ['photo', 'file', 'image', 'document', 'voice', 'location', 'contacts', 'sticker', 'order'], react: true, reply: true, edit: ['text', 'image', 'video', 'document'], unsend: true, native: true },
  messenger: { name: 'Messenger', path: bubble + 'M8 13l2.800-3 2.400 2 2.800-3', attach: ['photo', 'file', 'image', 'document', 'voice', 'sticker'], tells: [...handover, 'optin', 'optin_stop'], react: true, reply: true, edit: ['text'], native: true },
  instagram: { name: 'Instagram', path: 'M8 4h8a4 4 0 0 1 4 4v8a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4V8a4 4 0 0 1 4-4ZM12 8.500a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7ZM16.500 7.500h.01', attach: ['photo', 'image', 'voice', 'story_reply', 'story_mention', 'share', 'like'], tells: handover, react: true, reply: true, edit: ['text'], unsend: true, native: true },
  sms: { name: 'SMS', path: 'M5 5h14a1.500 1.500 0 0 1 1.500 1.500v8A1.500 1.500 0 0 1 19 16h-7l-4.500 4v-4H5a1.500 1.500 0 0 1-1.500-1.500v-8A1.500 1.500 0 0 1 5 5ZM8 10.500h.01M12 10.500h.01M16 10.500h.01', attach: ['photo', 'file', 'image', 'stop', 'start'] },
  email: { name: 'E-mail', path: 'M4 6h16v12H4zM4 7l8 6 8-6', attach: [], tells: ['deferred', 'dropped', 'bounce', 'blocked', 'machine_open', 'click', 'spamreport', 'unsubscribe', 'group_unsubscribe', 'group_resubscribe'] },
}

/** Whether the owner of a phone uses an app: what was chosen, or every app that there is an address for. */
export function uses(phone, kind) {
  if (phone.apps?.length && !phone.apps.includes(kind)) return false
  return { whatsapp: phone.phone || phone.username, sms: phone.phone, email: phone.email }[kind] ?? true
}

/** A button for each app, with the number of messages that came while another was open. */
export function dock(accounts, chosen, unseen, open) {
  return accounts.map((account) => {
    const { name, path } = apps[account.kind]
    const count = unseen.get(account.id) ?? 0
    const svg = icon('plus', 19)
    svg.firstChild.setAttribute('d', path)
    return h('button', { type: 'button', class: 'app', 'data-kind': account.kind, 'data-testid': 'app-' + account.kind, 'aria-pressed': account.id === chosen ? 'true' : 'false', title: name, onclick: () => open(account.id) },
      svg, h('span', { dir: 'ltr' }, name), count ? h('i', { 'aria-label': String(count) }, String(count)) : null)
  })
}
