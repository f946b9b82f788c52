import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import i18next from 'i18next';
import { chordOf, isTyping } from '~/shared/lib/keys';
import { errorText } from './errors';
import css from './toast.module.css';

let count = 0;

/** Says what was done, and offers to take it back, also by Ctrl+Z where that takes back no typing. */
export function toastDone(message: string, undo?: () => void): void {
  const id = `toast-${count++}`;
  const again = () => {
    notifications.hide(id);
    undo?.();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || chordOf(event) !== 'Mod+KeyZ' || (isTyping(event.target) && (event.target as HTMLInputElement).value !== '')) return;
    event.preventDefault();
    again();
  };
  if (undo) window.addEventListener('keydown', onKey);
  notifications.show({
    id,
    autoClose: undo ? 10_000 : 5000,
    onClose: () => window.removeEventListener('keydown', onKey),
    withCloseButton: !undo,
    message: (
      <span className={css.done}>
        <bdi>{message}</bdi>
        {undo && (
          <Button size="compact-sm" variant="subtle" onClick={again}>
            {i18next.t('action.undo')}
          </Button>
        )}
      </span>
    ),
  });
}

/** Says that something did not work, with its request id and, where it makes sense, Retry. */
export function toastError(error: unknown, retry?: () => void): void {
  const { title, detail, requestId } = errorText(error);
  const id = `toast-${count++}`;
  const again = () => {
    notifications.hide(id);
    retry?.();
  };
  notifications.show({
    id,
    color: 'red',
    title,
    closeButtonProps: { 'aria-label': i18next.t('action.close') },
    autoClose: retry ? 12_000 : 8000,
    message: (
      <span className={css.error}>
        {detail && <bdi>{detail}</bdi>}
        {requestId && <small>{i18next.t('error.request', { id: requestId })}</small>}
        {retry && (
          <Button size="compact-sm" variant="default" onClick={again}>
            {i18next.t('action.retry')}
          </Button>
        )}
      </span>
    ),
  });
}
