type Child = Node | string | null | undefined | false;
type Props = Record<string, string | boolean | ((event: never) => void) | undefined>;

/** An element with attributes, listeners (onclick …) and children. Text is only ever text: nothing here reads markup. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else if (value === true) element.setAttribute(name, '');
    else if (typeof value === 'string') element.setAttribute(name, value);
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

const shapes = {
  chat: 'M4 5h16v11H9l-5 4z',
  close: 'M6 6l12 12M18 6L6 18',
  send: 'M4 12l16-8-6 16-3-6z',
  attach: 'M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7l-8.5 8.4a1.7 1.7 0 0 1-2.4-2.4L14 7.5',
  file: 'M6 3h8l5 5v13H6zM14 3v5h5',
  clock: 'M12 3a9 9 0 1 0 .01 0M12 7v5l3 2',
  sent: 'M5 13l4 4L19 7',
  read: 'M2 13l4 4L16 7M11 16l1 1L22 7',
  failed: 'M12 3a9 9 0 1 0 .01 0M12 8v5M12 16v.01',
};

export function icon(shape: keyof typeof shapes, size = 20, label = ''): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  const attributes = { viewBox: '0 0 24 24', width: `${size}`, height: `${size}`, fill: 'none', stroke: 'currentColor', 'stroke-width': '1.8', 'stroke-linecap': 'round', 'stroke-linejoin': 'round' };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  if (label) {
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', label);
  } else svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', shapes[shape]);
  svg.append(path);
  return svg;
}

const parts = /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}'׳״،؛؟])|\+?\d[\d ().-]{5,}\d/g;

/** Text with its web addresses as links. Numbers to dial stay in one piece and read left to right. */
export function linked(text: string): DocumentFragment {
  const out = document.createDocumentFragment();
  let from = 0;
  for (const found of text.matchAll(parts)) {
    out.append(text.slice(from, found.index));
    out.append(found[1]
      ? h('a', { href: found[0], target: '_blank', rel: 'noopener noreferrer nofollow', dir: 'ltr' }, found[0])
      : h('bdi', { dir: 'ltr', class: 'number' }, found[0]));
    from = found.index + found[0].length;
  }
  out.append(text.slice(from));
  return out;
}
