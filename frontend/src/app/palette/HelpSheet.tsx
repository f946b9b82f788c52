import { Button, Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { doAction } from '~/shared/actions/actions';
import { keyOf, keysOf, useChosenKeys } from '~/shared/actions/keymap';
import { actionIds, actionOf, groups } from '~/shared/actions/registry';
import { useMacros } from '~/shared/desk/queries';
import { altKey } from '~/shared/lib/keyNames';
import { useLive } from '~/shared/realtime/store';
import { closeOverlay } from '../overlays';
import css from './Palette.module.css';

function Line({ name, chord }: { name: string; chord: string }) {
  return (
    <div>
      <dt><bdi>{name}</bdi></dt>
      <dd dir="ltr">
        {keysOf(chord).map((key, i) => (
          <kbd key={`${key} ${i}`}>{key}</kbd>
        ))}
      </dd>
    </div>
  );
}

/** Every key, as it is for this person. */
export function HelpSheet() {
  const { t } = useTranslation(['actions', 'common']);
  const chosen = useChosenKeys();
  const permissions = useLive((s) => s.me?.permissions) ?? [];
  const macros = (useMacros().data ?? []).filter((macro) => macro.hotkey);
  const keyed = actionIds.filter((id) => {
    const { may } = actionOf(id);
    return keyOf(id, chosen) !== '' && (!may || permissions.includes(may));
  });
  return (
    <Modal opened onClose={() => closeOverlay()} size={860} title={t('common:help.title')} closeButtonProps={{ 'aria-label': t('common:action.close') }}>
      <p className={css.hint}>
        {t('help.text', { alt: altKey })}{' '}
        <Button size="compact-sm" variant="subtle" onClick={() => closeOverlay(() => doAction('goKeys'))} data-testid="help-change">{t('help.change')}</Button>
      </p>
      <div className={css.sheet}>
        {groups.map((group) => (
          <section key={group}>
            <h3>{t(`group.${group}`)}</h3>
            <dl className={css.keys}>
              {keyed.filter((id) => actionOf(id).group === group).map((id) => <Line key={id} name={t(`do.${id}`)} chord={keyOf(id, chosen)} />)}
            </dl>
          </section>
        ))}
        {macros.length > 0 && (
          <section>
            <h3>{t('help.macros')}</h3>
            <dl className={css.keys}>
              {macros.map((macro) => <Line key={macro.id} name={macro.name} chord={macro.hotkey ?? ''} />)}
            </dl>
          </section>
        )}
      </div>
    </Modal>
  );
}
