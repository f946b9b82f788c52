// The panel beside the phones: the connection, what goes wrong on purpose, and scripted traffic.
import { apps } from './apps.js'
import { call, h, icon, toast } from './dom.js'

const kinds = [
  ['API', [
    ['slow', 'Slow answers', 'The API thinks before it answers.', ['ms', 'ms', 2000]],
    ['throttle', 'Too many requests', '429 with Retry-After.', ['retry_after', 's', 1]],
    ['error', 'Server error', '500, the message is not taken.'],
    ['reset', 'Lost answer', 'The message is taken, the connection closes.'],
    ['undeliver', 'Fails later', 'Taken, then reported as failed.', ['code', 'code', 131026]],
  ]],
  ['Webhooks', [
    ['early', 'Early reports', 'The first report comes before the answer.'],
    ['duplicate', 'Duplicates', 'Every webhook twice.'],
    ['reorder', 'Out of order', 'A webhook lets the next one pass.'],
    ['scrambled', 'Scrambled reports', 'Read, then delivered, then sent.'],
    ['lost', 'Lost webhooks', 'They never come.'],
  ]],
]

/** The panel. */
export class Panel {
  constructor(element) {
    this.rows = new Map()
    this.connection = h('div', { class: 'connection' })
    this.deliveries = h('dl', { class: 'numbers', 'data-testid': 'deliveries' })
    this.result = h('div', { class: 'result', 'data-testid': 'traffic-result' })
    element.append(
      h('section', {}, h('h2', {}, 'Connection'), this.connection, this.deliveries, h('button', { type: 'button', class: 'quiet', 'data-testid': 'retry-now', onclick: () => call('POST', '/retry').catch(() => {}) }, 'Deliver what waits now')),
      h('section', {}, h('header', {}, h('h2', {}, 'Faults'), h('button', { type: 'button', class: 'link', 'data-testid': 'faults-clear', onclick: () => call('DELETE', '/faults').then((all) => this.faults(all)).catch(() => {}) }, 'All off')), ...kinds.flatMap(([title, list]) => [h('h3', {}, title), ...list.map((one) => this.fault(...one))])),
      h('section', {}, h('h2', {}, 'Traffic'), this.traffic(), this.result))
  }

  fault(kind, title, text, extra) {
    const share = h('input', { type: 'range', min: 0, max: 100, step: 5, value: 0, 'aria-label': `${title}: how often`, 'data-testid': `fault-${kind}`, oninput: () => label(), onchange: () => send() })
    const shown = h('output', {}, 'off')
    const value = extra ? h('input', { type: 'number', min: 0, value: extra[2], 'aria-label': `${title}: ${extra[1]}`, 'data-testid': `fault-${kind}-${extra[0]}`, onchange: () => send() }) : null
    const once = h('button', { type: 'button', class: 'link', 'data-testid': `fault-${kind}-once`, onclick: () => call('POST', '/faults', { [kind]: { probability: 1, count: 1, ...more() } }).then(() => toast(`${title}: once, the next time`)).catch(() => {}) }, 'once')
    const more = () => (extra ? { [extra[0]]: Number(value.value) } : {})
    const label = () => (shown.textContent = Number(share.value) ? `${share.value} %` : 'off')
    const send = () => call('POST', '/faults', { [kind]: { probability: Number(share.value) / 100, ...more() } }).catch(() => {})
    const row = h('div', { class: 'fault' }, h('div', { class: 'name' }, h('b', {}, title), h('small', {}, text)), shown, share, h('span', { class: 'more' }, value, extra ? h('small', {}, extra[1]) : null, once))
    this.rows.set(kind, (fault) => {
      row.classList.toggle('on', Boolean(fault))
      if (document.activeElement === share) return
      share.value = fault ? Math.round(fault.probability * 100) : 0
      label()
      if (fault?.count) shown.textContent = `next ${fault.count}`
    })
    return row
  }

  traffic() {
    const number = (name, label, value, max) => h('label', {}, h('span', {}, label), h('input', { type: 'number', name, min: 1, max, value, required: true, 'data-testid': 'traffic-' + name }))
    const kindsOf = ['text', 'image', 'voice', 'document', 'location']
    const form = h('form', { class: 'traffic', onsubmit: (event) => {
      event.preventDefault()
      const data = new FormData(form)
      const mix = Object.fromEntries(data.getAll('mix').map((kind) => [kind, kind === 'text' ? 6 : 1]))
      call('POST', '/traffic', { rate: Number(data.get('rate')), seconds: Number(data.get('seconds')), customers: Number(data.get('customers')), mix }).catch(() => {})
    } },
    h('div', { class: 'three' }, number('rate', 'per second', 20, 2000), number('seconds', 'seconds', 15, 600), number('customers', 'customers', 50, 5000)),
    h('fieldset', {}, h('legend', {}, 'Mix'), ...kindsOf.map((kind) => h('label', { class: 'tick' }, h('input', { type: 'checkbox', name: 'mix', value: kind, checked: kind === 'text' }), kind))),
    this.start = h('button', { type: 'submit', class: 'primary', 'data-testid': 'traffic-start' }, 'Start'),
    this.stop = h('button', { type: 'button', class: 'quiet', hidden: true, 'data-testid': 'traffic-stop', onclick: () => call('DELETE', '/traffic').catch(() => {}) }, 'Stop'))
    return form
  }

  /** Shows how the business is connected. A field that somebody types into stays as it is. */
  accounts(all) {
    if (this.connection.contains(document.activeElement)) return
    const copy = (label, value) => h('div', { class: 'copy' }, h('span', {}, label), h('code', { dir: 'ltr' }, value), h('button', { type: 'button', class: 'icon', 'aria-label': `Copy ${label}`, onclick: () => navigator.clipboard?.writeText(value).then(() => toast(`${label} copied`), () => {}) }, icon('copy', 15)))
    this.connection.replaceChildren(...all.map((account) => {
      const save = (name) => (event) => (event.preventDefault(), call('POST', `/accounts/${encodeURIComponent(account.id)}/callback`, { [name]: event.target.elements[0].value, verify_token: event.target.elements.verify?.value }).then(() => toast('Webhook address confirmed')).catch(() => {}))
      const form = (name, label, test) => h('form', { class: 'callback', onsubmit: save(name) }, h('input', { type: 'url', value: account[name === 'url' ? 'callback' : name], placeholder: 'http://localhost:8080/webhooks/…', dir: 'ltr', 'aria-label': label, title: label, 'data-testid': test + '-input' }), name === 'url' && account.credentials.some((c) => c.name === 'verify_token') ? h('input', { name: 'verify', placeholder: 'Verify token of the channel', dir: 'ltr', 'aria-label': 'Verify token', title: 'Verify token: as the channel shows it; empty: the one below', 'data-testid': test + '-verify' }) : null, h('button', { type: 'submit', class: 'quiet', 'data-testid': test + '-save' }, 'Set'))
      const raw = h('label', { class: 'tick' }, h('input', { type: 'checkbox', checked: account.raw, onchange: (event) => call('POST', `/accounts/${encodeURIComponent(account.id)}/callback`, { raw: event.target.checked }).catch(() => {}) }), 'Mails come raw (MIME)')
      const test = account.kind === 'whatsapp' ? 'callback' : 'callback-' + account.kind
      return h('div', { 'data-kind': account.kind }, h('p', {}, h('b', {}, apps[account.kind].name), ' ', h('bdi', { dir: 'ltr' }, account.address)),
        form('url', account.kind === 'email' ? 'Inbound address, with its user and password' : 'Webhook address', test),
        account.kind === 'email' ? [form('reports', 'Event webhook address', 'reports'), raw] : null,
        h('details', {}, h('summary', {}, 'Credentials'), ...account.credentials.map(({ name, value }) => copy(name, value)), copy('api_base_url', location.origin)))
    }))
  }

  /** Shows the numbers that change. */
  counts(deliveries, traffic, faults) {
    const names = { delivered: 'delivered', pending: 'waiting', failures: 'failed attempts', duplicates: 'duplicated', lost: 'lost', unwanted: 'without address', given_up: 'given up' }
    const shown = Object.entries(names).filter(([key], i) => i < 3 || deliveries[key])
    this.deliveries.replaceChildren(...shown.map(([key, label]) => h('div', {}, h('dd', {}, deliveries[key].toLocaleString('en')), h('dt', {}, label))))
    this.faults(faults)
    this.start.hidden = traffic.running
    this.stop.hidden = !traffic.running
    if (!traffic.started_at) return
    const total = traffic.plan.rate * traffic.plan.seconds
    const ms = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`
    this.result.replaceChildren(
      h('progress', { max: total, value: traffic.accepted, 'aria-label': 'Webhooks taken' }),
      h('dl', { class: 'numbers' }, ...[[`${traffic.sent} / ${total}`, 'sent'], [traffic.accepted, 'taken'], [traffic.replies, 'replies'], [ms(traffic.p50_ms), 'median'], [ms(traffic.p95_ms), '95 %'], [ms(traffic.p99_ms), '99 %']].map(([value, label]) => h('div', {}, h('dd', {}, String(value)), h('dt', {}, label)))))
  }

  /** Shows which faults are on. */
  faults(all) {
    for (const [kind, show] of this.rows) show(all?.[kind])
  }
}
