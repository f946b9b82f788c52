import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import css from './canned/Canned.module.css';
import { composerInputId } from './focus';

interface Props<T> {
  items: T[];
  /** What was typed to find them: another query begins at the first. */
  query: string;
  keyOf: (item: T) => string;
  render: (item: T) => ReactNode;
  pick: (item: T) => void;
  close: () => void;
  label: string;
  /** How many there are, for those who hear it. */
  count: string;
  testId: string;
  /** Instead of the list, where there is nothing at all. */
  none?: ReactNode;
  /** More of the one that is chosen. */
  renderPreview?: (item: T) => ReactNode;
}

/** A list above the text; the text field keeps the focus, and its keys work here. */
export function PickList<T>({ items, query, keyOf, render, pick, close, label, count, testId, none, renderPreview }: Props<T>) {
  const id = useId();
  const [chosen, setChosen] = useState({ query: '', at: 0 });
  const at = chosen.query === query ? Math.min(chosen.at, items.length - 1) : 0;
  const choose = (next: number) => setChosen({ query, at: (next + items.length) % items.length });
  const shown = items[at];
  const take = () => shown !== undefined && pick(shown);

  const keys: Record<string, () => void> = { ArrowDown: () => choose(at + 1), ArrowUp: () => choose(at - 1), Enter: take, Tab: take, Escape: close };
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = items.length > 0 ? keys : { Escape: close };
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const held = event.isComposing || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
      const act = held || document.activeElement?.id !== composerInputId ? undefined : latest.current[event.key];
      if (!act) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    };
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, []);
  useEffect(() => {
    const input = document.getElementById(composerInputId);
    if (!input || items.length === 0) return;
    input.setAttribute('aria-controls', id);
    input.setAttribute('aria-activedescendant', `${id}-${at}`);
    return () => {
      input.removeAttribute('aria-controls');
      input.removeAttribute('aria-activedescendant');
    };
  }, [id, at, items.length]);

  return (
    <div className={css.anchor}>
      <div className={css.box} data-testid={`${testId}-list`}>
        {items.length === 0 && none}
        {items.length > 0 && (
          <div id={id} className={css.options} role="listbox" aria-label={label}>
            {items.map((item, n) => (
              <div
                key={keyOf(item)}
                id={`${id}-${n}`}
                role="option"
                aria-selected={n === at}
                tabIndex={-1}
                className={css.option}
                ref={n === at ? (node) => void node?.scrollIntoView({ block: 'nearest' }) : undefined}
                onMouseMove={() => n !== at && choose(n)}
                onMouseDown={(event) => {
                  event.preventDefault(); // the focus stays in the text
                  pick(item);
                }}
                data-testid={`${testId}-option`}
              >
                {render(item)}
              </div>
            ))}
          </div>
        )}
        {shown !== undefined && renderPreview?.(shown)}
        <span className="visually-hidden" role="status">
          {count}
        </span>
      </div>
    </div>
  );
}
