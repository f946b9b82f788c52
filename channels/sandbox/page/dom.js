// The little that the page needs to build elements and to talk with the sandbox.

/** Makes an element: properties that start with "on" listen, "class" and "data-…" are attributes, null children are left out. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else if (name in element && !name.includes('-') && name !== 'list' && name !== 'form') element[name] = value
    else element.setAttribute(name === 'class' ? 'class' : name, value === true ? '' : value)
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false))
  return element
}

const paths = {
  plus: 'M12 5v14M5 12h14',
  send: 'M4 12 20 4l-5 16-4-6-7-2Zm7 2 9-10',
  mic: 'M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3ZM6 11a6 6 0 0 0 12 0M12 17v4',
  smile: 'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18ZM9 10h.01M15 10h.01M8.500 14.500c1.800 2.200 5.200 2.200 7 0',
  power: 'M12 3v8M6.500 6.500a8 8 0 1 0 11 0',
  eye: 'M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12ZM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6Z',
  eyeOff: 'M4 4l16 16M9.500 6c.8-.3 1.600-.5 2.500-.5 6 0 9.500 6.500 9.500 6.500a17 17 0 0 1-2.600 3.400M6 7.500A17 17 0 0 0 2.500 12S6 18.500 12 18.500c1.500 0 2.800-.4 4-1',
  more: 'M7 10l5 5 5-5',
  reply: 'M10 6 4 12l6 6M4 12h9a7 7 0 0 1 7 7',
  edit: 'M4 20l1-4L16 5l3 3L8 19l-4 1Z',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  image: 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01',
  file: 'M7 3h7l4 4v14H7zM14 3v4h4M10 12h5M10 16h5',
  pin: 'M12 21s7-6.500 7-11.500a7 7 0 0 0-14 0C5 14.500 12 21 12 21ZM12 7a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5Z',
  person: 'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8ZM4.500 20c.8-3.500 3.800-5.500 7.500-5.500s6.700 2 7.500 5.500',
  star: 'M12 4l2.400 5 5.600.700-4 3.900 1 5.400-5-2.700-5 2.700 1-5.400-4-3.900 5.600-.700Z',
  cart: 'M3 4h2l2.500 11h10L20 7H6M9 20h.01M16 20h.01',
  play: 'M8 5l11 7-11 7Z',
  pause: 'M8 5v14M16 5v14',
  close: 'M6 6l12 12M18 6 6 18',
  link: 'M10 14a4 4 0 0 0 5.700 0l3-3a4 4 0 0 0-5.700-5.700l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3A4 4 0 0 0 11 18.700l1-1',
  phone: 'M6 3h3l2 5-2.500 1.500a11 11 0 0 0 6 6L16 13l5 2v3a3 3 0 0 1-3 3A15 15 0 0 1 3 6a3 3 0 0 1 3-3Z',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  list: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
  form: 'M5 4h14v16H5zM9 9h6M9 13h6M9 17h3',
  sun: 'M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8ZM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.500 1.500M17.500 17.500 19 19M5 19l1.500-1.500M17.500 6.500 19 5',
  moon: 'M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500Z',
  sliders: 'M4 7h9M17 7h3M15 5v4M4 17h3M11 17h9M9 15v4',
  heart: 'M12 20s-7.500-4.700-7.500-10A4.200 4.200 0 0 1 12 7.300 4.200 4.200 0 0 1 19.500 10C19.500 15.300 12 20 12 20Z',
  clock: 'M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16ZM12 8v4l3 2',
  alert: 'M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16ZM12 8v5M12 16h.01',
}

/** Draws an icon; those that point somewhere turn round in right-to-left text. */
export function icon(name, size = 20) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  const attributes = { viewBox: '0 0 24 24', width: size, height: size, fill: 'none', stroke: 'currentColor', 'stroke-width': 1.8, 'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true' }
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value)
  if (['send', 'reply'].includes(name)) svg.classList.add('turns')
  const path = document.createElementNS(svg.namespaceURI, 'path')
  path.setAttribute('d', paths[name])
  svg.append(path)
  return svg
}

/** Calls the sandbox. A refusal is shown and thrown. */
export async function call(method, path, body) {
  const request = { method, headers: {} }
  if (body instanceof Blob) {
    request.body = body
    request.headers['Content-Type'] = body.type || 'application/octet-stream'
  } else if (body !== undefined) {
    request.body = JSON.stringify(body)
    request.headers['Content-Type'] = 'application/json'
  }
  let answer
  try {
    answer = await fetch('/_sandbox' + path, request)
  } catch {
    toast('The sandbox does not answer.')
    throw new Error('unreachable')
  }
  const value = await answer.json().catch(() => ({}))
  if (!answer.ok) {
    toast(value.title ?? `The sandbox answered ${answer.status}.`)
    throw new Error(value.code)
  }
  return value
}

let hiding
/** Shows a line for a few seconds, over everything. */
export function toast(text) {
  const box = document.getElementById('toast')
  box.textContent = text
  box.showPopover?.()
  clearTimeout(hiding)
  hiding = setTimeout(() => box.hidePopover?.(), 5000)
}

/** Opens a menu beside an element, inside the window; it closes by itself. */
export function menu(anchor, label, ...children) {
  const box = h('div', { class: 'menu', popover: 'auto', role: 'group', 'aria-label': label, dir: getComputedStyle(anchor).direction }, ...children)
  document.body.append(box)
  box.addEventListener('toggle', (event) => {
    if (event.newState === 'closed') {
      box.remove()
      if (document.activeElement === document.body) anchor.focus()
    }
  })
  box.showPopover()
  const from = anchor.getBoundingClientRect()
  const size = box.getBoundingClientRect()
  const top = from.top - size.height - 8 > 8 ? from.top - size.height - 8 : Math.min(from.bottom + 8, innerHeight - size.height - 8)
  const start = getComputedStyle(anchor).direction === 'rtl' ? from.right - size.width : from.left
  box.style.insetBlockStart = `${Math.max(8, top)}px`
  box.style.insetInline = 'auto'
  box.style.left = `${Math.max(8, Math.min(start, innerWidth - size.width - 8))}px`
  box.querySelector('button')?.focus({ focusVisible: false })
  return box
}

/** A round picture with initials; the colour belongs to the name. */
export function avatar(name, size = 36) {
  const initials = name.split(/\s+/).slice(0, 2).map((word) => [...word][0]).join('').toUpperCase()
  let hue = 0
  for (const char of name) hue = (hue * 31 + char.codePointAt(0)) % 360
  return h('span', { class: 'avatar', style: `--hue:${hue};--size:${size}px`, 'aria-hidden': 'true' }, initials)
}
