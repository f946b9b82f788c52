// The page of phones: it keeps in step with the sandbox and shows a phone for each customer.
import { avatar, call, h, icon, toast } from './dom.js'
import { Panel } from './panel.js'
import { PhoneView } from './phone.js'
import { timeOf } from './words.js'

const find = (id) => document.getElementById(id)
const phones = new Map()
let accounts = []
const panel = new Panel(find('panel'))

function account(id) {
  return accounts.find((one) => one.id === id)
}

/** Everything, at the start and after a lost connection. Text that is being typed stays. */
function begin(state) {
  accounts = state.accounts
  const kept = new Set(state.phones?.map((phone) => phone.key))
  for (const [key, view] of phones) {
    if (!kept.has(key)) {
      view.element.remove()
      phones.delete(key)
    } else view.messages.clear()
  }
  for (const phone of state.phones ?? []) putPhone(phone)
  for (const message of state.messages ?? []) phones.get(message.phone)?.messages.set(message.id, message)
  for (const view of phones.values()) view.show(accounts)
  panel.accounts(accounts)
  counts(state)
  people()
}

function putPhone(phone) {
  const known = phones.get(phone.key)
  if (known) return known.update(phone)
  const view = new PhoneView(phone, account)
  phones.set(phone.key, view)
  find('phones').append(view.element)
  if (accounts.length) view.show(accounts)
}

/** The strip of faces: on a narrow screen it chooses the one phone that is shown. */
function people() {
  const strip = find('people')
  const chosen = phones.has(location.hash.slice(1)) ? location.hash.slice(1) : phones.keys().next().value
  strip.replaceChildren(...[...phones.values()].map(({ phone }) => h('button', { type: 'button', 'data-testid': 'person-' + phone.key, 'aria-current': phone.key === chosen ? 'true' : 'false', onclick: () => (location.hash = phone.key) }, avatar(phone.name, 30), h('span', { dir: 'auto' }, phone.name.split(' ')[0]))))
  for (const view of phones.values()) view.element.classList.toggle('chosen', view.phone.key === chosen)
}

function counts({ deliveries, traffic, faults }) {
  panel.counts(deliveries, traffic, faults)
  const health = find('health')
  const none = accounts.length > 0 && accounts.every((one) => !one.callback)
  const set = Object.keys(faults ?? {}).length
  const state = none ? 'off' : deliveries.failures && deliveries.pending ? 'bad' : set ? 'warn' : 'good'
  health.className = 'health ' + state
  const text = none ? 'No webhook address' : state === 'bad' ? `Gateway not reached · ${deliveries.pending} waiting` : `${deliveries.delivered.toLocaleString('en')} delivered` + (deliveries.pending ? ` · ${deliveries.pending} on the way` : '') + (set ? ` · ${set} ${set === 1 ? 'fault' : 'faults'} on` : '')
  if (health.textContent !== text) health.replaceChildren(h('i'), h('span', {}, text))
  find('panel-toggle').classList.toggle('alert', set > 0)
}

function listen() {
  const source = new EventSource('/_sandbox/events')
  const on = (kind, act) => source.addEventListener(kind, (event) => act(JSON.parse(event.data)))
  on('state', begin)
  on('phone', (phone) => { putPhone(phone); people() })
  on('message', (message) => phones.get(message.phone)?.put(message))
  on('typing', ({ phone, account: id }) => { const view = phones.get(phone); if (view?.account === id) view.typing(true) })
  on('counts', counts)
  on('faults', (faults) => panel.faults(faults))
  on('accounts', (all) => { accounts = all; panel.accounts(all); for (const view of phones.values()) view.show(all) })
  source.onerror = () => {
    find('health').className = 'health bad'
    find('health').replaceChildren(h('i'), 'Sandbox not reached, trying again')
  }
}

function addCustomer() {
  const dialog = find('dialog')
  const field = (name, label, props, hint) => h('label', {}, h('span', {}, label), h('input', { name, 'data-testid': 'customer-' + name, autocomplete: 'off', ...props }), hint ? h('small', {}, hint) : null)
  const form = h('form', { method: 'dialog', onsubmit: async (event) => {
    event.preventDefault()
    const values = Object.fromEntries(new FormData(form))
    const phone = await call('POST', '/phones', values).catch(() => null)
    if (!phone) return
    dialog.close()
    location.hash = phone.key
    requestAnimationFrame(() => find('phone-' + phone.key)?.scrollIntoView({ behavior: 'smooth', block: 'nearest' }))
  } },
  h('h2', {}, 'Add a customer'),
  field('name', 'Name', { required: true, placeholder: 'Lina Haddad', dir: 'auto' }),
  field('phone', 'Phone number', { placeholder: '+972 50 123 4567', dir: 'ltr', inputMode: 'tel' }, 'Empty for somebody who hides the number behind a user name, or writes mails only.'),
  field('username', 'User name', { placeholder: '@lina', dir: 'ltr' }),
  field('email', 'E-mail', { placeholder: 'lina@example.com', dir: 'ltr', type: 'email' }, 'Every app that there is an address for is on the phone.'),
  h('label', {}, h('span', {}, 'Language of the phone'), h('select', { name: 'language', 'data-testid': 'customer-language' }, h('option', { value: 'en' }, 'English'), h('option', { value: 'he' }, 'עברית'), h('option', { value: 'ar' }, 'العربية'))),
  h('footer', {}, h('button', { type: 'button', class: 'quiet', onclick: () => dialog.close() }, 'Cancel'), h('button', { type: 'submit', class: 'primary', 'data-testid': 'customer-save' }, 'Add customer')))
  dialog.replaceChildren(form)
  dialog.showModal()
}

function theme() {
  const dark = () => (localStorage.getItem('theme') ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark'
  const apply = () => {
    document.documentElement.dataset.theme = dark() ? 'dark' : 'light'
    const label = dark() ? 'Light colours' : 'Dark colours'
    find('theme').replaceChildren(icon(dark() ? 'sun' : 'moon'))
    find('theme').setAttribute('aria-label', label)
    find('theme').title = label
  }
  find('theme').onclick = () => {
    localStorage.setItem('theme', dark() ? 'light' : 'dark')
    apply()
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', apply)
  apply()
}

function togglePanel(open) {
  find('panel').hidden = !open
  find('panel-toggle').setAttribute('aria-expanded', String(open))
  localStorage.setItem('panel', open ? 'open' : '')
}

theme()
find('add').append(icon('plus', 18), h('span', {}, 'Customer'))
find('add').setAttribute('aria-label', 'Add a customer')
find('add').onclick = addCustomer
find('panel-toggle').append(icon('sliders', 18), h('span', {}, 'Faults & traffic'))
find('panel-toggle').setAttribute('aria-label', 'Faults and traffic')
find('panel-toggle').onclick = () => togglePanel(find('panel').hidden)
togglePanel(localStorage.getItem('panel') === 'open' || new URLSearchParams(location.search).has('panel'))
addEventListener('hashchange', () => {
  people()
  const view = phones.get(location.hash.slice(1))
  view?.element.scrollIntoView({ behavior: 'smooth', block: 'nearest' })
  view?.bottom() // a phone that was not shown could not scroll
})
setInterval(() => phones.forEach((view) => (view.clock.textContent = timeOf(Date.now(), view.phone.language))), 20000)
addEventListener('unhandledrejection', (event) => toast(String(event.reason?.message ?? event.reason)))
listen()
