import { ActionIcon, Button, Select } from '@mantine/core';
import { IconBold, IconItalic, IconLink } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, bodyOf } from '~/shared/api/client';
import { useChannels } from '~/shared/api/queries';
import { setMe } from '~/shared/realtime/actions';
import { useLive } from '~/shared/realtime/store';
import { toastDone, toastError } from '~/shared/ui/toast';
import css from './Settings.module.css';
import own from './Signature.module.css';

const everywhere = '';

/** What stands under this person's mails, everywhere or on one channel. */
export function Signature() {
  const { t } = useTranslation(['settings', 'common']);
  const mailboxes = (useChannels().data ?? []).filter((c) => c.kind === 'email');
  const signatures = useLive((s) => s.me?.signatures);
  const [channel, setChannel] = useState(everywhere);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLDivElement>(null);
  const held = (channel === everywhere ? signatures?.everywhere : signatures?.channels[channel]) ?? '';
  useEffect(() => {
    if (field.current) field.current.innerHTML = held; // made safe by the gateway
  }, [held, channel]);

  const save = async () => {
    const html = field.current?.innerHTML ?? '';
    setBusy(true);
    try {
      const written = channel === everywhere ? { everywhere: html } : { channels: { [channel]: html } };
      setMe(await bodyOf(api.PATCH('/api/v1/me', { body: { signatures: written } })));
      toastDone(t('saved'));
    } catch (cause) {
      toastError(cause, () => void save());
    } finally {
      setBusy(false);
    }
  };
  const mark = (command: 'bold' | 'italic') => {
    field.current?.focus();
    document.execCommand(command);
  };
  const link = () => {
    const to = window.prompt(t('profile.signature.linkTo'), 'https://');
    field.current?.focus();
    if (to && /^(https?:\/\/|mailto:)\S+$/.test(to)) document.execCommand('createLink', false, to);
  };
  return (
    <section className={css.group} data-testid="signature">
      <h3>{t('profile.signature.title')}</h3>
      <div className={css.form}>
        {mailboxes.length > 0 && (
          <Select
            label={t('profile.signature.where')}
            allowDeselect={false}
            data={[{ value: everywhere, label: t('profile.signature.everywhere') }, ...mailboxes.map((c) => ({ value: c.id, label: c.name }))]}
            value={channel}
            onChange={(value) => setChannel(value ?? everywhere)}
            data-testid="signature-channel"
          />
        )}
        <div className={own.editor}>
          <div className={own.tools}>
            <ActionIcon aria-label={t('profile.signature.bold')} title={t('profile.signature.bold')} onMouseDown={(e) => e.preventDefault()} onClick={() => mark('bold')}><IconBold size={17} /></ActionIcon>
            <ActionIcon aria-label={t('profile.signature.italic')} title={t('profile.signature.italic')} onMouseDown={(e) => e.preventDefault()} onClick={() => mark('italic')}><IconItalic size={17} /></ActionIcon>
            <ActionIcon aria-label={t('profile.signature.link')} title={t('profile.signature.link')} onMouseDown={(e) => e.preventDefault()} onClick={link}><IconLink size={17} /></ActionIcon>
          </div>
          <div ref={field} className={own.field} contentEditable suppressContentEditableWarning role="textbox" aria-multiline aria-label={t('profile.signature.title')} dir="auto" data-testid="signature-field" />
        </div>
        <small className={own.help}>{channel === everywhere ? t('profile.signature.lead') : t(held ? 'profile.signature.own' : 'profile.signature.same')}</small>
        <div className={css.actions}>
          <Button loading={busy} onClick={() => void save()} data-testid="signature-save">{t('common:action.save')}</Button>
        </div>
      </div>
    </section>
  );
}
