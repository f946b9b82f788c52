import { useNavigate, useSearch } from '@tanstack/react-router';
import { useRef, type KeyboardEvent } from 'react';
import { useActions } from '~/shared/actions/actions';
import { focusWork } from '~/shared/lib/focus';

/** The fields of a conversation by key: the field opens, and the focus goes back to where it was when it was chosen or left. */
export function useFieldActions() {
  const box = useRef<HTMLDivElement>(null);
  const from = useRef<Element | null>(null);
  const navigate = useNavigate();
  const { pane } = useSearch({ from: '/app/inbox' });
  const open = (testId: string) => async () => {
    from.current = document.activeElement;
    const field = box.current?.querySelector<HTMLElement>(`[data-testid="${testId}"]`);
    if (!field?.checkVisibility() && !pane) await navigate({ to: '.', search: (s) => ({ ...s, pane: 'customer' }) });
    field?.focus();
    if (field instanceof HTMLSelectElement) field.showPicker();
    else field?.click();
  };
  const back = () => {
    const to = from.current;
    from.current = null;
    if (!to) return;
    if (to instanceof HTMLElement && to !== document.body && to.isConnected) to.focus();
    else focusWork();
  };
  useActions({ type: open('conversation-type'), priority: open('conversation-priority'), label: open('conversation-labels-change') });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') back();
  };
  return { box, back, onKeyDown };
}
