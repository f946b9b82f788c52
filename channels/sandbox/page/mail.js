// The mail app of a phone: mails as cards, and a sheet to write one.
import { call, h, icon } from './dom.js'
import { timeOf, wordsOf } from './words.js'

const size = (bytes) => (bytes < 1024 ? `${bytes} B` : bytes < 1048576 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`)

const named = (address) => (address ?? '').replace(/^"(.*)" </, '$1 <').replace(/^<(.*)>$/, '$1')

/** One mail: who, what about, the words, the files, and what can be done. */
export function mailCard(message, phone, actions) {
  const words = wordsOf(phone.language)
  const { mail, text, files = [] } = message.content
  const mine = message.from === 'customer'
  const line = (label, value) => (value ? h('small', { class: 'mail-line' }, h('span', {}, label), ' ', h('bdi', {}, value)) : null)
  const shown = files.filter((file) => !file.cid)
  return h('article', { class: 'mail ' + (mine ? 'mine' : 'theirs'), 'data-testid': 'phone-message', 'data-id': message.id, 'data-from': message.from, 'data-type': 'mail', 'data-status': message.status, 'data-text': text },
    h('header', {}, h('b', { dir: 'auto' }, mail.subject || words.noSubject), h('time', { dir: 'ltr', dateTime: message.at }, timeOf(message.at, phone.language))),
    line(words.from, named(mail.from)), line(words.to, (mail.to ?? []).map(named).join(', ')), line(words.cc, (mail.cc ?? []).join(', ')), mail.automatic ? h('small', { class: 'mail-line' }, words.automatic) : null,
    mail.html && !mine ? page(mail.html, files) : h('p', { class: 'mail-text', dir: 'auto' }, text),
    shown.length ? h('div', { class: 'mail-files' }, ...shown.map((file) => h('a', { href: '/_sandbox/media/' + file.id, download: file.name || 'file', 'data-testid': 'message-document' }, icon('file', 16), h('bdi', {}, file.name || words.document), h('small', { dir: 'ltr' }, size(file.size))))) : null,
    h('footer', {}, mine ? h('span', {}, words[message.status]) : [h('button', { type: 'button', class: 'link', 'data-testid': 'mail-reply', onclick: () => actions.write(message) }, words.reply), h('button', { type: 'button', class: 'link', 'data-testid': 'mail-tell', onclick: (event) => actions.tell(event.currentTarget, message) }, words.tell)]))
}

/** The HTML of a mail, where it can run nothing; pictures inside it are shown from its files. */
function page(html, files) {
  let body = html
  for (const file of files) if (file.cid) body = body.replaceAll('cid:' + file.cid, `${location.origin}/_sandbox/media/${file.id}`)
  const frame = h('iframe', { class: 'mail-html', sandbox: 'allow-same-origin', title: 'HTML' })
  frame.srcdoc = `<!doctype html><meta charset="utf-8"><style>body{margin:0;font:14px/1.45 system-ui,sans-serif;color:#16202b;background:#fff;overflow-wrap:anywhere}img{max-width:100%}blockquote{color:#5a6776}</style><body dir="auto">${body}`
  frame.onload = () => (frame.style.blockSize = Math.min(420, frame.contentDocument.documentElement.scrollHeight + 2) + 'px')
  return frame
}

/** The sheet in which a mail is written: a new one, or the answer to another. */
export function mailSheet(phone, account, answered, close) {
  const words = wordsOf(phone.language)
  const files = []
  const list = h('div', { class: 'mail-files' })
  const input = (name, label, props) => h('label', {}, h('span', {}, label), h('input', { name, autocomplete: 'off', 'data-testid': 'mail-' + name, ...props }))
  const keep = async (file, name) => {
    const media = await call('POST', `/phones/${encodeURIComponent(phone.key)}/media?name=${encodeURIComponent(name)}`, file).catch(() => null)
    if (!media) return
    files.push(media.id)
    list.append(h('span', {}, icon('file', 16), h('bdi', {}, media.name || words.document)))
  }
  const picker = h('input', { type: 'file', hidden: true, multiple: true, 'data-testid': 'mail-file', onchange: () => [...picker.files].forEach((file) => keep(file, file.name)) })
  const send = async (event) => {
    event.preventDefault()
    const data = new FormData(form)
    const cc = data.get('cc').split(',').map((one) => one.trim()).filter(Boolean)
    const sent = await call('POST', `/phones/${encodeURIComponent(phone.key)}/messages`, { account: account.id, type: 'mail', text: data.get('body'), reply_to: answered?.id, files, mail: { subject: data.get('subject'), cc, automatic: data.has('automatic') } }).catch(() => null)
    if (sent) close()
  }
  const subject = answered ? answered.content.mail.subject : ''
  const form = h('form', { class: 'mail-form', onsubmit: send },
    h('header', {}, h('b', {}, answered ? words.reply : words.newMail), h('button', { type: 'button', class: 'round small', 'aria-label': words.cancel, onclick: close }, icon('close', 16))),
    h('label', {}, h('span', {}, words.to), h('output', { dir: 'ltr' }, answered?.content.mail.reply_to || account.address)),
    input('cc', words.cc, { dir: 'ltr' }),
    input('subject', words.subject, { dir: 'auto', required: true, maxLength: 300, value: subject && !/^re:/i.test(subject) ? 'Re: ' + subject : subject }),
    h('textarea', { name: 'body', dir: 'auto', required: true, 'aria-label': words.write, placeholder: words.write, 'data-testid': 'mail-body' }),
    list,
    h('footer', {}, h('button', { type: 'button', class: 'round', 'aria-label': words.attach, 'data-testid': 'mail-attach', onclick: () => picker.click() }, icon('file', 18)), picker,
      h('label', { class: 'tick' }, h('input', { type: 'checkbox', name: 'automatic' }), words.automatic),
      h('button', { type: 'submit', class: 'primary', 'data-testid': 'mail-send' }, words.send)))
  return form
}
