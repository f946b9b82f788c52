// A customer's phone: who owns it, the chat, and what its owner can do.
import { avatar, call, h, icon, menu, toast } from './dom.js'
import { apps, dock, uses } from './apps.js'
import { bubble, summary } from './bubble.js'
import { mailSheet } from './mail.js'
import { dayOf, directionOf, timeOf, wordsOf } from './words.js'

const quick = ['👍', '❤️', '😂', '😮', '😢', '🙏']
const emoji = [...'😀😄😁😂🤣😊😍😘😎🤔😐🙄😴😢😭😡🤯😱🥳🙏👍👎👌👏💪🤝👋✌️❤️💔🔥⭐🎉🎓📈📉💰💳🧾📄📷🎤📍⏰✅❌❓❗🏠🚗✈️☕🍕🌹'].reduce((all, char) => (char === '\ufe0f' ? (all[all.length - 1] += char, all) : [...all, char]), [])
const typingFor = 25000

/** Calls about one phone. */
const api = (phone, path, body, method = 'POST') => call(method, `/phones/${encodeURIComponent(phone.key)}${path}`, body)

/** The view of one phone; `business` finds an account by its id. */
export class PhoneView {
  constructor(phone, business) {
    this.phone = phone
    this.business = business
    this.messages = new Map()
    this.nodes = new Map()
    this.words = wordsOf(phone.language)
    this.account = null
    this.unseen = new Map()
    this.element = this.build()
    this.update(phone)
  }

  build() {
    const { phone, words } = this
    const direction = directionOf(phone.language)
    this.power = h('button', { type: 'button', class: 'switch', 'data-testid': 'phone-power', onclick: () => this.flip({ off: !this.phone.off }) })
    this.reads = h('button', { type: 'button', class: 'switch', 'data-testid': 'phone-noread', onclick: () => this.flip({ no_read: !this.phone.no_read }) })
    const owner = h('header', { class: 'owner' }, avatar(phone.name, 40), h('div', { class: 'who' }, h('h2', {}, h('bdi', {}, phone.name)), h('p', {}, h('bdi', { dir: 'ltr' }, phone.phone ? pretty(phone.phone) : phone.username))), this.reads, this.power)
    this.state = h('small', {})
    this.title = h('b', { dir: 'auto' })
    this.face = h('span', {})
    this.log = h('div', { class: 'log', role: 'log', tabIndex: 0, 'aria-label': phone.name, 'data-testid': 'phone-log' })
    this.clock = h('span', { dir: 'ltr' })
    this.dark = h('div', { class: 'dark', 'data-testid': 'phone-off' }, icon('power', 34), h('b', {}, words.off), this.pending = h('span', {}), h('button', { type: 'button', onclick: () => this.flip({ off: false }) }, words.turnOn))
    const device = this.device = h('div', { class: 'device', dir: direction, lang: phone.language },
      h('div', { class: 'screen' },
        h('div', { class: 'status', dir: 'ltr', 'aria-hidden': 'true' }, this.clock, h('i', { class: 'island' }), h('span', { class: 'signal' }, ...[4, 6, 8, 10].map((level) => h('i', { style: `block-size:${level}px` })), h('i', { class: 'battery' }))),
        this.dock = h('nav', { class: 'dock', dir: 'ltr', hidden: true }),
        h('div', { class: 'chat-head' }, this.face, h('span', {}, this.title, this.state)),
        this.log, this.context = h('div', { class: 'context', hidden: true }), this.composer(), this.dark, this.sheetBox = h('div', { class: 'sheet', hidden: true })))
    return h('section', { class: 'phone', id: 'phone-' + phone.key, 'data-testid': 'phone-' + phone.key, 'data-phone': phone.key, 'aria-label': phone.name }, owner, device)
  }

  composer() {
    const { words } = this
    this.input = h('textarea', { rows: 1, placeholder: words.write, 'aria-label': words.write, 'data-testid': 'phone-input', oninput: () => this.grow() })
    this.input.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault()
        this.send()
      } else if (event.key === 'Escape') this.about(null)
    })
    this.input.addEventListener('paste', (event) => event.clipboardData.files.length && (event.preventDefault(), this.upload(event.clipboardData.files[0])))
    this.go = h('button', { type: 'button', class: 'round go', 'aria-label': words.send, 'data-testid': 'phone-send', onclick: () => this.send() }, icon('send', 18))
    this.mic = h('button', { type: 'button', class: 'round go', 'aria-label': words.record, 'data-testid': 'phone-record', onclick: () => this.record() }, icon('mic', 18))
    this.picker = h('input', { type: 'file', hidden: true, 'data-testid': 'phone-file', onchange: () => this.picker.files[0] && this.upload(this.picker.files[0]) })
    this.bar = h('div', { class: 'composer' },
      h('button', { type: 'button', class: 'round', 'aria-label': words.attach, 'data-testid': 'phone-attach', onclick: (event) => this.attach(event.currentTarget) }, icon('plus')),
      h('label', { class: 'field' }, this.input, h('button', { type: 'button', class: 'round small', 'aria-label': words.emoji, 'data-testid': 'phone-emoji', onclick: (event) => this.emoji(event.currentTarget) }, icon('smile'))),
      this.mic, this.go, this.picker)
    this.writer = h('div', { class: 'composer', hidden: true }, h('button', { type: 'button', class: 'primary', 'data-testid': 'mail-new', onclick: () => this.write() }, icon('edit', 18), words.newMail))
    return h('div', {}, this.bar, this.writer)
  }

  /** Shows the phone as it is now. */
  update(phone) {
    this.phone = phone
    const { words } = this
    this.element.classList.toggle('is-off', phone.off)
    this.power.setAttribute('aria-pressed', String(!phone.off))
    this.power.setAttribute('aria-label', phone.off ? words.turnOn : words.turnOff)
    this.power.title = phone.off ? words.turnOn : words.turnOff
    this.power.replaceChildren(icon('power', 18))
    this.reads.setAttribute('aria-pressed', String(!phone.no_read))
    this.reads.title = phone.no_read ? words.noRead : words.reads
    this.reads.setAttribute('aria-label', this.reads.title)
    this.reads.replaceChildren(icon(phone.no_read ? 'eyeOff' : 'eye', 18))
    for (const part of [this.log, this.bar, this.writer, this.dock]) part.inert = phone.off
    this.clock.textContent = timeOf(Date.now(), phone.language)
    this.countWaiting()
    this.grow()
    if (this.accounts && !this.state.classList.contains('typing')) this.state.replaceChildren(this.line(this.business(this.account)))
  }

  /** Opens the chat of an app: with one app there is nothing to choose. */
  open(id) {
    this.account = id
    this.about(null)
    this.sheetBox.hidden = true
    this.show(this.accounts)
  }

  /** What the app that is open can do. */
  get app() {
    return apps[this.business(this.account)?.kind ?? 'whatsapp']
  }

  /** Shows the phone with the apps that its owner uses. */
  show(all) {
    const accounts = all.filter((one) => uses(this.phone, one.kind))
    this.accounts = all
    if (!accounts.some((one) => one.id === this.account)) this.account = accounts[0]?.id
    this.unseen.delete(this.account)
    const account = accounts.find((one) => one.id === this.account)
    const kind = account?.kind ?? 'whatsapp'
    this.device.dataset.app = kind
    this.bar.hidden = kind === 'email'
    this.writer.hidden = kind !== 'email'
    this.mic.dataset.can = apps[kind].attach.includes('voice') ? 'yes' : ''
    const firsts = accounts.filter((one, i) => accounts.findIndex((other) => other.kind === one.kind) === i)
    this.dock.hidden = firsts.length < 2
    this.dock.replaceChildren(...dock(firsts, firsts.find((one) => one.kind === kind)?.id, this.unseen, (id) => this.open(id)))
    this.face.replaceChildren(avatar(account?.name || '?', 34))
    const same = accounts.filter((one) => one.kind === kind)
    if (same.length > 1) {
      this.title.replaceChildren(h('select', { 'aria-label': this.words.business, 'data-testid': 'phone-account', onchange: (event) => this.open(event.target.value) },
        ...same.map((one) => h('option', { value: one.id, selected: one.id === this.account }, one.name))))
    } else this.title.textContent = account?.name ?? ''
    this.state.replaceChildren(this.line(account))
    this.redraw()
    this.grow()
  }

  /** A line about the business. */
  line(account) {
    if (this.phone.held?.includes(account?.id)) return this.words.held
    return account && account.kind !== 'whatsapp' && account.address !== account.name ? h('bdi', { dir: 'ltr' }, account.address) : this.words.business
  }

  flip(change) {
    api(this.phone, '', change, 'PATCH').catch(() => {})
  }

  countWaiting() {
    const waiting = [...this.messages.values()].filter((message) => message.from === 'business' && message.status === 'sent').length
    this.pending.textContent = waiting ? this.words.waiting(waiting) : ''
  }

  /** Takes a new or changed message. */
  put(message) {
    const before = this.messages.get(message.id)
    this.messages.set(message.id, message)
    if (message.account !== this.account) {
      if (!before && message.from === 'business') {
        this.unseen.set(message.account, (this.unseen.get(message.account) ?? 0) + 1)
        this.show(this.accounts)
      }
      return
    }
    if (message.from === 'business' && !before) this.typing(false)
    if (!before && message.at < this.last) return this.redraw()
    const near = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 24
    const node = this.draw(message)
    const old = this.nodes.get(message.id)
    this.nodes.set(message.id, node)
    if (old) old.replaceWith(node)
    else this.append(message, node)
    if (near || (!before && message.from === 'customer')) this.bottom()
    this.countWaiting()
  }

  draw(message) {
    return bubble(message, this.phone, this.messages.get(message.reply_to), this)
  }

  append(message, node) {
    this.log.querySelector('.nothing')?.remove()
    const day = dayOf(message.at, this.phone.language)
    if (day !== this.day) this.log.append(h('p', { class: 'day' }, h('span', {}, day)))
    this.day = day
    this.last = message.at
    this.log.append(node)
  }

  redraw() {
    this.log.replaceChildren()
    this.nodes.clear()
    this.day = this.last = undefined
    const all = [...this.messages.values()].filter((message) => message.account === this.account).sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    for (const message of all) {
      const node = this.draw(message)
      this.nodes.set(message.id, node)
      this.append(message, node)
    }
    if (!all.length) this.log.append(h('p', { class: 'nothing' }, this.words.empty))
    this.countWaiting()
    this.bottom()
  }

  bottom() {
    this.log.scrollTop = this.log.scrollHeight
    for (const image of this.log.querySelectorAll('img:not([data-seen])')) {
      image.dataset.seen = ''
      image.addEventListener('load', () => (this.log.scrollTop = this.log.scrollHeight), { once: true })
    }
  }

  /** The business is writing, until its message comes or 25 seconds have passed. */
  typing(on) {
    clearTimeout(this.quiet)
    this.state.replaceChildren(on ? this.words.typing : this.line(this.business(this.account)))
    this.state.classList.toggle('typing', on)
    this.log.querySelector('.typing-dots')?.remove()
    if (!on || this.phone.off) return
    const near = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 24
    this.log.append(h('div', { class: 'typing-dots', 'data-testid': 'phone-typing', role: 'status', 'aria-label': this.words.typing }, h('i'), h('i'), h('i')))
    if (near) this.bottom()
    this.quiet = setTimeout(() => this.typing(false), typingFor)
  }

  grow() {
    this.input.style.blockSize = ''
    if (this.input.scrollHeight > 40) this.input.style.blockSize = Math.min(this.input.scrollHeight, 110) + 'px'
    const empty = !this.input.value.trim()
    this.input.dir = empty ? directionOf(this.phone.language) : 'auto'
    this.mic.hidden = !empty || this.subject?.edit || !this.mic.dataset.can
    this.go.hidden = !this.mic.hidden
  }

  /** Says something from this phone. */
  say(message) {
    const reply = this.subject && !this.subject.edit && !this.subject.native ? this.subject.message.id : undefined
    this.about(null)
    return api(this.phone, '/messages', { account: this.account, reply_to: reply, ...message }).catch(() => {})
  }

  async send() {
    const text = this.input.value.trim()
    if (!text) return
    const subject = this.subject
    this.input.value = ''
    this.grow()
    if (subject?.native) {
      this.about(null)
      await api(this.phone, '/native', { account: this.account, text }).catch(() => {})
    } else if (subject?.edit) {
      this.about(null)
      await api(this.phone, '/edit', { message: subject.message.id, text }).catch(() => {})
    } else await this.say({ type: 'text', text })
    this.input.focus()
  }

  async upload(file) {
    const major = file.type.split('/')[0]
    const type = { image: 'image', video: 'video', audio: 'audio' }[major] ?? 'document'
    const text = type === 'audio' ? '' : this.input.value.trim()
    this.picker.value = ''
    const media = await api(this.phone, '/media?name=' + encodeURIComponent(file.name), file).catch(() => null)
    if (!media) return
    this.input.value = type === 'audio' ? this.input.value : ''
    this.grow()
    await this.say({ type: type === 'image' && file.type === 'image/webp' ? 'sticker' : type, text: file.type === 'image/webp' ? '' : text, media: media.id })
  }

  attach(anchor) {
    const { words } = this
    const item = (name, label, test, act) => h('button', { type: 'button', 'data-testid': 'attach-' + test, onclick: () => (box.hidePopover(), act()) }, h('span', { class: 'disc tone-' + test }, icon(name)), label)
    const pick = (accept) => () => ((this.picker.accept = accept), this.picker.click())
    const sample = (kind) => () => this.say({ type: kind, sample: kind })
    const typed = (kind) => () => (this.say({ type: kind, sample: kind, text: this.input.value.trim() }), (this.input.value = ''), this.grow())
    const plain = (text) => () => this.say({ type: 'text', text })
    const offers = {
      photo: ['image', words.photo, pick('image/*,video/*')], file: ['file', words.file, pick('')], image: ['image', words.samplePhoto, sample('image')],
      document: ['file', words.sampleDocument, sample('document')], voice: ['mic', words.voice, sample('voice')], location: ['pin', words.location, sample('location')],
      contacts: ['person', words.contact, sample('contacts')], sticker: ['star', words.sticker, sample('sticker')], order: ['cart', words.order, sample('order')],
      story_reply: ['reply', words.storyReply, typed('story_reply')], story_mention: ['star', words.storyMention, sample('story_mention')], share: ['link', words.share, sample('share')],
      like: ['heart', words.like, () => this.say({ type: 'like' })], stop: ['close', 'STOP', plain('STOP')], start: ['play', 'START', plain('START')],
    }
    const box = menu(anchor, words.attach, h('div', { class: 'attach' }, ...this.app.attach.map((test) => item(offers[test][0], offers[test][1], test, offers[test][2]))),
      this.app.tells ? h('button', { type: 'button', class: 'line', 'data-testid': 'attach-tell', onclick: () => (box.hidePopover(), this.tell(anchor)) }, icon('play', 18), words.tell) : null)
  }

  /** Opens what the provider can report: about a mail, or about the chat. */
  tell(anchor, message) {
    const { words } = this
    const report = (name) => api(this.phone, '/report', { report: name, account: this.account, message: message?.id ?? '' }).then(() => toast(words.tells[name])).catch(() => {})
    const box = menu(anchor, words.tell, ...this.app.tells.map((name) => h('button', { type: 'button', class: 'line', 'data-testid': 'tell-' + name, onclick: () => (box.hidePopover(), report(name)) }, words.tells[name])))
  }

  emoji(anchor) {
    const put = (char) => {
      this.input.setRangeText(char, this.input.selectionStart, this.input.selectionEnd, 'end')
      this.grow()
    }
    menu(anchor, this.words.emoji, h('div', { class: 'emoji' }, ...emoji.map((char) => h('button', { type: 'button', 'aria-label': char, onclick: () => put(char) }, char))))
  }

  /** Opens what can be done with a message. */
  menu(anchor, message) {
    const { words, app } = this
    const own = message.from === 'customer'
    if (!app.react) return
    const given = message.reactions?.customer
    const does = (name, label, test, act) => h('button', { type: 'button', class: 'line', 'data-testid': 'message-' + test, onclick: () => (box.hidePopover(), act()) }, icon(name, 18), label)
    const box = menu(anchor, words.more,
      h('div', { class: 'quick' }, ...quick.map((char) => h('button', { type: 'button', class: char === given ? 'given' : '', 'aria-label': `${words.react} ${char}`, 'data-testid': 'message-react', 'data-emoji': char, onclick: () => (box.hidePopover(), this.react(message, char === given ? '' : char)) }, char))),
      does('reply', words.reply, 'reply', () => this.about({ message })),
      own && app.edit.includes(message.content.type) ? does('edit', words.edit, 'edit', () => this.about({ message, edit: true })) : null,
      own && app.native ? does('person', words.native, 'native', () => this.about({ message, native: true })) : null,
      own && app.unsend ? does('trash', words.remove, 'delete', () => api(this.phone, '/delete', { message: message.id }).catch(() => {})) : null)
  }

  react(message, char) {
    api(this.phone, '/reactions', { message: message.id, emoji: char }).catch(() => {})
  }

  played(message) {
    if (message.from === 'business') api(this.phone, '/play', { message: message.id }).catch(() => {})
  }

  /** What the next words are about: an answer to a message, or its new wording. */
  about(subject) {
    const { words } = this
    const leftEdit = this.subject?.edit && !subject?.edit
    this.subject = subject
    this.context.hidden = !subject
    if (leftEdit) this.input.value = ''
    if (subject) {
      const who = subject.native ? words.native : subject.edit ? words.editing : subject.message.from === 'customer' ? words.you : this.title.textContent
      this.context.replaceChildren(icon(subject.edit ? 'edit' : 'reply', 18), h('span', {}, h('b', { dir: 'auto' }, who), h('small', { dir: 'auto' }, summary(subject.message, words))), h('button', { type: 'button', class: 'round small', 'aria-label': words.cancel, onclick: () => this.about(null) }, icon('close', 16)))
      if (subject.edit) this.input.value = subject.message.content.text ?? ''
      this.input.focus()
    }
    this.grow()
  }

  /** Opens the sheet for a new mail, or for the answer to one. */
  write(answered) {
    const close = () => (this.sheetBox.hidden = true)
    this.sheetBox.replaceChildren(mailSheet(this.phone, this.business(this.account), answered, close))
    this.sheetBox.hidden = false
    this.sheetBox.querySelector(answered ? 'textarea' : '[name=subject]').focus()
  }

  /** Taps a button of a message. */
  tap(message, button) {
    const answer = (kind, more = {}) => api(this.phone, '/messages', { account: this.account, type: 'answer', reply_to: message.id, answer: { kind, id: button.id, title: button.title, ...more } }).catch(() => {})
    switch (button.kind) {
      case 'url': return open(button.value, '_blank', 'noopener,noreferrer')
      case 'phone': return toast(button.value)
      case 'copy': return navigator.clipboard?.writeText(button.value).catch(() => {}), toast(`${this.words.copied}: ${button.value}`)
      case 'location': return this.say({ type: 'location', sample: 'location', reply_to: message.id })
      case 'contact': return this.say({ type: 'contact_share', reply_to: message.id, contacts: [{ name: this.phone.name, phones: [{ phone: '+' + (this.phone.phone || '972500000000') }] }] })
      case 'form': return answer('form', { form: { flow_token: button.id ?? '', name: this.phone.name, rating: '5' } })
    }
    return answer(button.kind)
  }

  /** Opens the rows of a list from below. */
  sheet(message) {
    const { choices } = message.content
    const close = () => (this.sheetBox.hidden = true)
    const chosen = (row) => {
      close()
      api(this.phone, '/messages', { account: this.account, type: 'answer', reply_to: message.id, answer: { kind: 'row', id: row.id, title: row.title, description: row.description } }).catch(() => {})
    }
    this.sheetBox.replaceChildren(h('button', { type: 'button', class: 'shade', 'aria-label': this.words.cancel, onclick: close }), h('div', { class: 'rows', role: 'dialog', 'aria-label': choices.open || this.words.choose, onkeydown: (event) => event.key === 'Escape' && close() },
      h('header', {}, h('b', { dir: 'auto' }, choices.open || this.words.choose), h('button', { type: 'button', class: 'round small', 'aria-label': this.words.cancel, onclick: close }, icon('close', 16))),
      ...choices.sections.flatMap((section) => [section.title ? h('h3', { dir: 'auto' }, section.title) : null,
        ...section.rows.map((row) => h('button', { type: 'button', class: 'row', 'data-testid': 'message-row', 'data-id': row.id, onclick: () => chosen(row) }, h('span', { dir: 'auto' }, row.title, row.description ? h('small', { dir: 'auto' }, row.description) : null), h('i')))])))
    this.sheetBox.hidden = false
    this.sheetBox.querySelector('.row')?.focus()
  }

  /** Records a voice message with the computer's microphone. */
  async record() {
    const { words } = this
    let stream
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true })
    } catch {
      return toast('There is no microphone. The + menu has a sample voice message.')
    }
    const type = ['audio/ogg;codecs=opus', 'audio/webm;codecs=opus', 'audio/mp4'].find((one) => MediaRecorder.isTypeSupported(one))
    const recorder = new MediaRecorder(stream, { mimeType: type })
    const pieces = []
    const started = Date.now()
    const time = h('span', { dir: 'ltr' }, '0:00')
    const ticking = setInterval(() => { const s = Math.floor((Date.now() - started) / 1000); time.textContent = `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}` }, 250)
    const end = (keep) => {
      recorder.onstop = async () => {
        clearInterval(ticking)
        stream.getTracks().forEach((track) => track.stop())
        strip.remove()
        if (!keep) return
        const media = await api(this.phone, '/media', new Blob(pieces, { type: type.replace(';codecs=opus', '; codecs=opus') })).catch(() => null)
        if (media) this.say({ type: 'voice', media: media.id })
      }
      recorder.stop()
    }
    const strip = h('div', { class: 'recording', role: 'status' }, h('button', { type: 'button', class: 'round', 'aria-label': words.cancel, onclick: () => end(false) }, icon('trash', 18)), h('i'), words.recording, time, h('button', { type: 'button', class: 'round go', 'aria-label': words.send, 'data-testid': 'record-send', onclick: () => end(true) }, icon('send', 18)))
    recorder.ondataavailable = (event) => pieces.push(event.data)
    recorder.start()
    this.bar.append(strip)
  }
}

/** A number in groups that the eye can follow. */
export const pretty = (digits) => '+' + digits.replace(/^(1)(\d{3})(\d{3})(\d{4})$|^(972|971|966|962)(\d{1,2})(\d{3})(\d{4})$|^(\d{2})(\d{4})(\d{3})(\d*)$/, (...all) => all.slice(1, 13).filter((part) => part !== undefined && part !== '').join(' '))
