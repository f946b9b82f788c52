// One message as the phone shows it.
import { h, icon, avatar } from './dom.js'
import { mailCard } from './mail.js'
import { timeOf, wordsOf } from './words.js'

/** Builds a message. Actions are what the owner of the phone can do with it: open its menu, tap, show the sheet of a list, listen. */
export function bubble(message, phone, quoted, actions) {
  if (message.content.mail) return mailCard(message, phone, actions)
  const words = wordsOf(phone.language)
  const mine = message.from === 'customer'
  const { content } = message
  const body = message.deleted ? h('p', { class: 'gone' }, icon('close', 14), words.deleted) : [...parts(content, message, phone, words, actions)]
  const bare = !message.deleted && (['sticker', 'like'].includes(content.type) || onlyEmoji(content))
  const meta = h('span', { class: 'meta' }, message.edited && !message.deleted ? h('i', {}, words.edited) : null, h('time', { dateTime: message.at }, timeOf(message.at, phone.language)), mine ? ticks(message.status, words) : null)
  const touched = (event) => matchMedia('(hover: none)').matches && !event.target.closest('a, button, video') && open && actions.menu(open, message)
  const box = h('div', { onclick: touched, class: 'bubble' + (bare ? ' bare' : '') + (content.media && ['image', 'video'].includes(kindOf(content)) ? ' pictured' : '') },
    message.reply_to && content.type !== 'answer' && !message.deleted ? quote(quoted, words, actions.title.textContent) : null, body, meta)
  const open = message.deleted || !actions.app.react ? null : h('button', { class: 'bubble-more', type: 'button', 'aria-label': words.more, 'data-testid': 'message-menu', onclick: (event) => actions.menu(event.currentTarget, message) }, icon('more', 16))
  const reactions = Object.values(message.reactions ?? {})
  return h('article', { class: 'message ' + (mine ? 'mine' : 'theirs') + (reactions.length ? ' reacted' : ''), 'data-testid': 'phone-message', 'data-id': message.id, 'data-from': message.from, 'data-type': content.type, 'data-status': message.status, 'aria-label': words[message.status] },
    h('div', { class: 'hold' }, box, open, reactions.length ? h('span', { class: 'reactions', 'data-testid': 'message-reactions' }, [...new Set(reactions)].join(' ')) : null),
    message.deleted ? null : buttons(message, words, actions))
}

const pictures = ['story_reply', 'story_mention', 'share']

const kindOf = (content) => (pictures.includes(content.type) ? 'image' : ['choices', 'template'].includes(content.type) && content.media ? content.media.mime?.split('/')[0].replace('application', 'document') ?? 'image' : content.type)

const onlyEmoji = (content) => content.type === 'text' && /^(\p{Extended_Pictographic}[\p{Emoji_Modifier}\u200d\ufe0f\p{Extended_Pictographic}]*\s?){1,3}$/u.test(content.text ?? '')

/** The marks of a message that the owner of the phone sent. */
function ticks(status, words) {
  const double = status === 'delivered' || status === 'read'
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 18 12')
  svg.setAttribute('class', 'ticks ' + status)
  svg.setAttribute('role', 'img')
  svg.setAttribute('aria-label', words[status] ?? words.sent)
  const path = document.createElementNS(svg.namespaceURI, 'path')
  path.setAttribute('d', double ? 'M1 6.500 4.500 10 11 2M7.500 9.500l.5.5L14.500 2' : 'M4 6.500 7.500 10 14 2')
  svg.append(path)
  return svg
}

function quote(message, words, business) {
  if (!message) return h('div', { class: 'quote' }, h('span', {}, '…'))
  return h('div', { class: 'quote ' + message.from }, h('b', {}, message.from === 'customer' ? words.you : business), h('span', { dir: 'auto' }, summary(message, words)))
}

/** A message in a few words, for quotes and lists. */
export function summary(message, words) {
  const { content } = message
  if (message.deleted) return words.deleted
  if (content.text) return content.text
  return { image: words.photo.replace('…', ''), story_reply: words.storyReply, story_mention: words.storyMention, share: words.share, like: '❤️', contacts: words.contact, location: content.location?.name || words.location }[content.type] ?? words[content.type] ?? content.type
}

function* parts(content, message, phone, words, actions) {
  const { choices } = content
  const kind = kindOf(content)
  if (pictures.includes(content.type)) yield h('p', { class: 'head' }, { story_reply: words.storyReply, story_mention: words.storyMention, share: words.share }[content.type])
  if (content.type === 'like') yield h('p', { class: 'text' }, '❤️')
  if (content.media) yield media(kind, content.media, message, words, actions)
  for (const file of content.files ?? []) yield media(file.mime.startsWith('image/') ? 'image' : 'document', file, message, words, actions)
  if (content.location) yield place(content.location)
  if (choices?.header) yield h('p', { class: 'head', dir: 'auto' }, choices.header)
  for (const card of content.contacts ?? []) yield contact(card)
  if (content.order) yield cart(content.order, words)
  if (content.text) yield h('p', { class: 'text', dir: 'auto' }, ...formatted(content.text))
  if (choices?.footer) yield h('p', { class: 'foot', dir: 'auto' }, choices.footer)
}

function media(kind, file, message, words, actions) {
  if (!file.id) return h('a', { class: 'doc', href: file.link, target: '_blank', rel: 'noopener noreferrer' }, icon('link'), h('span', {}, h('b', {}, words.linked), h('small', { dir: 'ltr' }, file.link)))
  const source = '/_sandbox/media/' + file.id
  switch (kind) {
    case 'image':
      return h('a', { class: 'picture', href: source, target: '_blank' }, h('img', { src: source, alt: message.content.text ?? words.photo }))
    case 'sticker':
      return h('img', { class: 'sticker', src: source, alt: words.sticker, width: 128, height: 128 })
    case 'video':
      return h('video', { class: 'picture', src: source, controls: true, preload: 'metadata' })
    case 'audio':
    case 'voice':
      return voice(source, message, words, actions)
  }
  return h('a', { class: 'doc', href: source, download: file.name || 'file', 'data-testid': 'message-document' }, icon('file', 24), h('span', {}, h('b', {}, h('bdi', {}, file.name || words.document)), h('small', {}, h('bdi', { dir: 'ltr' }, `${(file.mime ?? '').split('/').pop().slice(0, 12).toUpperCase()} · ${size(file.size)}`))))
}

const size = (bytes) => (bytes < 1024 ? `${bytes} B` : bytes < 1048576 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`)

function voice(source, message, words, actions) {
  const audio = new Audio(source)
  audio.preload = 'metadata'
  const clock = h('span', { class: 'length', dir: 'ltr' }, '0:00')
  const show = (seconds) => (clock.textContent = `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`)
  const bars = h('span', { class: 'wave', 'aria-hidden': 'true' }, ...Array.from({ length: 26 }, (_, i) => h('i', { style: `--level:${25 + ((message.id.charCodeAt(i % message.id.length) * (i + 7)) % 70)}%` })))
  const button = h('button', { type: 'button', class: 'round', 'aria-label': words.play, 'data-testid': 'message-play', onclick: () => (audio.paused ? audio.play() : audio.pause()) }, icon('play', 18))
  audio.onloadedmetadata = () => Number.isFinite(audio.duration) && show(audio.duration)
  audio.ontimeupdate = () => {
    show(audio.currentTime)
    const done = audio.currentTime / (audio.duration || 1)
    ;[...bars.children].forEach((bar, i) => bar.classList.toggle('done', i / bars.children.length < done))
  }
  const looks = (name) => () => button.replaceChildren(icon(name, 18))
  audio.onplay = () => (looks('pause')(), actions.played(message))
  audio.onpause = looks('play')
  return h('div', { class: 'voice' }, button, bars, clock)
}

function place(location) {
  const map = h('span', { class: 'map', 'aria-hidden': 'true' }, icon('pin', 30))
  return h('div', { class: 'place', 'data-testid': 'message-location' }, map, h('span', { class: 'where' }, location.name ? h('b', {}, h('bdi', {}, location.name)) : null, location.address ? h('small', {}, h('bdi', {}, location.address)) : null, h('small', {}, h('bdi', { dir: 'ltr' }, `${location.latitude.toFixed(5)}, ${location.longitude.toFixed(5)}`))))
}

const contact = (card) => h('div', { class: 'doc' }, avatar(card.name, 36), h('span', {}, h('b', {}, h('bdi', {}, card.name)), ...(card.phones ?? []).map((phone) => h('small', {}, h('bdi', { dir: 'ltr' }, phone.phone)))))

function cart(order, words) {
  const total = order.items.reduce((sum, item) => sum + Number(item.price) * item.quantity, 0)
  return h('div', { class: 'cart' }, h('b', {}, icon('cart', 18), words.items(order.items.length)), ...order.items.map((item) => h('small', {}, h('bdi', { dir: 'ltr' }, `${item.quantity} × ${item.product_id}  ${item.price} ${item.currency}`))), h('span', { class: 'total', dir: 'ltr' }, `${total.toFixed(2)} ${order.items[0].currency}`))
}

/** Text with the marks of the messenger: *bold* _italic_ ~struck~ `code`, and addresses as links. */
function formatted(text) {
  const out = []
  const pattern = /(https?:\/\/[^\s]+)|\*([^*\n]+)\*|(?<![\p{L}\d])_([^_\n]+)_(?![\p{L}\d])|~([^~\n]+)~|`([^`\n]+)`/gu
  let from = 0
  for (const match of text.matchAll(pattern)) {
    out.push(text.slice(from, match.index))
    const [whole, link, bold, italic, struck, code] = match
    if (link) out.push(h('a', { href: link, target: '_blank', rel: 'noopener noreferrer', dir: 'ltr' }, link))
    else if (bold) out.push(h('b', {}, bold))
    else if (italic) out.push(h('em', {}, italic))
    else if (struck) out.push(h('s', {}, struck))
    else out.push(h('code', { dir: 'ltr' }, code))
    from = match.index + whole.length
  }
  out.push(text.slice(from))
  return out
}

const buttonIcons = { url: 'link', phone: 'phone', copy: 'copy', location: 'pin', contact: 'person', form: 'form', reply: 'reply', quick_reply: 'reply', call_permission: 'phone' }

/** What a message of the business offers to tap. */
function buttons(message, words, actions) {
  const { choices } = message.content
  if (!choices || message.from === 'customer') return null
  const rows = (choices.buttons ?? []).map((button) => h('button', { type: 'button', 'data-testid': 'message-button', 'data-kind': button.kind, 'data-id': button.id ?? '', onclick: () => actions.tap(message, button) }, icon(buttonIcons[button.kind], 16), h('span', { dir: 'auto' }, button.title)))
  if (choices.sections?.length) rows.push(h('button', { type: 'button', 'data-testid': 'message-list-open', onclick: () => actions.sheet(message) }, icon('list', 16), h('span', { dir: 'auto' }, choices.open || words.choose)))
  return rows.length ? h('div', { class: 'taps' }, rows) : null
}
