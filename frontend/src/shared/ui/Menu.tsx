import { useMergedRef } from '@mantine/hooks';
import { cloneElement, createContext, use, useId, useRef, useState, type ComponentProps, type KeyboardEvent, type MouseEvent, type ReactElement, type ReactNode, type Ref, type RefObject } from 'react';
import { Floating } from './Floating';
import css from './Menu.module.css';
import type { Position } from './placing';

interface Shared {
  id: string;
  button: RefObject<HTMLElement | null>;
  opened: boolean;
  set: (opened: boolean) => void;
  position: Position;
  width?: number;
}

const Context = createContext<Shared | null>(null);

function useMenu(): Shared {
  const shared = use(Context);
  if (!shared) throw new Error('a part of a menu is used outside of one');
  return shared;
}

interface MenuProps {
  position?: Position;
  /** In pixels; without it, as wide as its longest line. */
  width?: number;
  opened?: boolean;
  onChange?: (opened: boolean) => void;
  onClose?: () => void;
  children: ReactNode;
}

/** A button (Menu.Target) and what it opens. Arrows, Home and End go through it, Enter chooses, Escape leaves. */
export function Menu({ position = 'bottom-end', width, opened, onChange, onClose, children }: MenuProps) {
  const id = useId();
  const button = useRef<HTMLElement>(null);
  const [own, setOwn] = useState(false);
  const set = (next: boolean) => {
    setOwn(next);
    onChange?.(next);
    if (!next) onClose?.();
  };
  return <Context value={{ id, button, opened: opened ?? own, set, position, width }}>{children}</Context>;
}

type Button = ReactElement<{ ref?: Ref<HTMLElement>; id?: string; onClick?: () => void } & Record<`aria-${string}`, unknown>>;

function Target({ children }: { children: Button }) {
  const { id, button, opened, set } = useMenu();
  const ref = useMergedRef(button, children.props.ref);
  return cloneElement(children, {
    ref,
    id: `${id}button`,
    onClick: () => set(!opened),
    'aria-haspopup': 'menu',
    'aria-expanded': opened,
    'aria-controls': opened ? id : undefined,
  });
}

const steps: Record<string, (at: number, count: number) => number> = {
  ArrowDown: (at, count) => (at + 1) % count,
  ArrowUp: (at, count) => (at <= 0 ? count : at) - 1,
  Home: () => 0,
  End: (_, count) => count - 1,
};

function walk(event: KeyboardEvent<HTMLDivElement>): void {
  const step = steps[event.key];
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role^="menuitem"]:not(:disabled)')];
  if (!step || items.length === 0) return;
  event.preventDefault();
  items[step(items.findIndex((item) => item === document.activeElement), items.length)]?.focus();
}

function Dropdown({ children }: { children: ReactNode }) {
  const { id, button, opened, set, position, width } = useMenu();
  if (!opened) return null;
  return (
    <Floating id={id} role="menu" labelledBy={`${id}button`} button={button} position={position} width={width} close={() => set(false)} onKeyDown={walk}>
      {children}
    </Floating>
  );
}

interface ItemProps extends ComponentProps<'button'> {
  leftSection?: ReactNode;
  rightSection?: ReactNode;
  closeMenuOnClick?: boolean;
}

function Item({ leftSection, rightSection, closeMenuOnClick = true, onClick, children, ...rest }: ItemProps) {
  const { set } = useMenu();
  const choose = (event: MouseEvent<HTMLButtonElement>) => {
    onClick?.(event);
    if (closeMenuOnClick) set(false);
  };
  return (
    <button type="button" role="menuitem" tabIndex={-1} className={css.item} onClick={choose} {...rest}>
      {leftSection && <span className={css.section}>{leftSection}</span>}
      <span className={css.label}>{children}</span>
      {rightSection && <span className={css.section}>{rightSection}</span>}
    </button>
  );
}

const Label = ({ children }: { children: ReactNode }) => <div className={css.title}>{children}</div>;
const Divider = () => <hr className={css.line} />;

Menu.Target = Target;
Menu.Dropdown = Dropdown;
Menu.Item = Item;
Menu.Label = Label;
Menu.Divider = Divider;
