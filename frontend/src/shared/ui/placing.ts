/** On which side of its button something lies, and with which edge it is in line; start and end follow the direction of the language. */
export type Position = 'top-start' | 'top-end' | 'bottom-start' | 'bottom-end' | 'beside-end';

interface Box {
  top: number;
  bottom: number;
  left: number;
  right: number;
}
interface Size {
  width: number;
  height: number;
}

/** Pixels between the button and what lies beside it, and from there to the edge of the window. */
const gap = 8;
/** A longer list scrolls. */
const tallest = 420;

/** Where in the window something of this size lies: on the other side where it does not fit, and never beyond an edge. */
export function placeBeside(button: Box, size: Size, window: Size, position: Position, rtl: boolean): { top: number; left: number; height: number } {
  const [side, edge] = position.split('-') as ['top' | 'bottom' | 'beside', 'start' | 'end'];
  const within = (at: number, length: number, room: number) => Math.max(gap, Math.min(at, room - length - gap));
  if (side === 'beside') {
    const left = rtl ? button.left - gap - size.width : button.right + gap;
    const height = Math.min(size.height, tallest, window.height - 2 * gap);
    if (left >= gap && left + size.width <= window.width - gap) return { top: within(button.bottom - height, height, window.height), left, height };
    return placeBeside(button, size, window, 'top-end', rtl);
  }
  const over = button.top - 2 * gap;
  const under = window.height - button.bottom - 2 * gap;
  const wanted = Math.min(size.height, tallest);
  const above = side === 'top' ? wanted <= over || over >= under : wanted > under && over > under;
  const height = Math.min(wanted, above ? over : under);
  const left = (edge === 'start') === rtl ? button.right - size.width : button.left;
  return { top: above ? button.top - gap - height : button.bottom + gap, left: within(left, size.width, window.width), height };
}
