import { useLayoutEffect, useRef, type CSSProperties, type KeyboardEvent, type ReactNode, type RefObject } from 'react';
import { createPortal } from 'react-dom';
import css from './Floating.module.css';
import { placeBeside, type Position } from './placing';

interface Props {
  button: RefObject<HTMLElement | null>;
  position: Position;
  close: () => void;
  role: 'menu' | 'dialog';
  id?: string;
  labelledBy?: string;
  width?: number;
  onKeyDown?: (event: KeyboardEvent<HTMLDivElement>) => void;
  children: ReactNode;
}

/** In the order of the page, what Tab goes to. */
const tabStops = (box: HTMLElement) => [...box.querySelectorAll<HTMLElement>('input, button, a[href], [tabindex]')].filter((el) => el.tabIndex >= 0 && !el.hasAttribute('disabled'));

/** Tab stays inside, or leaves where there is nothing to go to. */
function keepTab(event: KeyboardEvent<HTMLDivElement>, close: () => void): void {
  const stops = tabStops(event.currentTarget);
  const [first, last] = event.shiftKey ? [stops.at(-1), stops[0]] : [stops[0], stops.at(-1)];
  if (first && document.activeElement !== last && (!event.shiftKey || document.activeElement !== event.currentTarget)) return;
  event.preventDefault();
  if (first) first.focus();
  else close();
}

/**
 * Lies beside its button while it is shown: where there is room for it, with the focus inside, until Escape or a press elsewhere. The focus then is
 * where it was before, unless something else took it.
 */
export function Floating({ button, position, close, role, id, labelledBy, width, onKeyDown, children }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef({ close, position });
  useLayoutEffect(() => {
    latest.current = { close, position };
  });
  useLayoutEffect(() => {
    const el = box.current;
    const at = button.current;
    if (!el || !at) return;
    const before = document.activeElement === document.body ? at : document.activeElement;
    const put = () => {
      el.style.maxBlockSize = 'none';
      const size = { width: el.offsetWidth, height: el.offsetHeight };
      const place = placeBeside(at.getBoundingClientRect(), size, { width: innerWidth, height: innerHeight }, latest.current.position, document.documentElement.dir === 'rtl');
      // Coordinates of the window, which have no direction.
      el.style.translate = `${place.left}px ${place.top}px`;
      el.style.maxBlockSize = `${place.height}px`;
    };
    put();
    const changes = new ResizeObserver(put);
    changes.observe(el);
    const press = (event: PointerEvent) => {
      if (event.target instanceof Node && !el.contains(event.target) && !at.contains(event.target)) latest.current.close();
    };
    window.addEventListener('resize', put);
    document.addEventListener('pointerdown', press, true);
    (el.querySelector<HTMLElement>('[data-autofocus]') ?? el).focus({ preventScroll: true });
    return () => {
      changes.disconnect();
      window.removeEventListener('resize', put);
      document.removeEventListener('pointerdown', press, true);
      if (!el.contains(document.activeElement)) return;
      const back = before instanceof HTMLElement && before.isConnected ? before : at;
      back.focus({ preventScroll: true });
    };
  }, [button]);
  return createPortal(
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- its role is a property
    <div
      ref={box}
      id={id}
      role={role}
      aria-labelledby={labelledBy}
      tabIndex={-1}
      className={css.box}
      style={{ '--width': width ? `${width}px` : undefined } as CSSProperties}
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          close();
        } else if (event.key === 'Tab') keepTab(event, close);
        else onKeyDown?.(event);
      }}
    >
      {children}
    </div>,
    document.body,
  );
}
