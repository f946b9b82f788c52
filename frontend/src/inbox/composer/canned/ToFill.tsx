import { IconForms } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { variableName } from '~/shared/desk/words';
import { composerInputId } from '../focus';
import css from './Canned.module.css';
import { placeOf } from './variables';

/** Marks the place in the composer, so that what is typed takes it. */
export function selectPlace(name: string): void {
  const input = document.getElementById(composerInputId);
  const place = input instanceof HTMLTextAreaElement ? placeOf(input.value, name) : null;
  if (!place || !(input instanceof HTMLTextAreaElement)) return;
  input.focus();
  input.setSelectionRange(place.start, place.end);
}

/** What nothing is known for: until it is filled in, nothing is sent. */
export function ToFill({ names }: { names: string[] }) {
  const { t } = useTranslation('desk');
  return (
    <div className={css.toFill} role="status" data-testid="canned-to-fill">
      <IconForms size={18} stroke={1.7} aria-hidden />
      <span>{t('canned.toFill')}</span>
      {names.map((name) => (
        <button key={name} type="button" onClick={() => selectPlace(name)}>
          <bdi>{variableName(t, name)}</bdi>
        </button>
      ))}
    </div>
  );
}
