import { Button, Modal, MultiSelect, Select, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '~/shared/api/client';
import { invalidate, useChannels, useHours } from '~/shared/api/queries';
import type { AutoMessage } from '~/shared/api/types';
import { languages } from '~/shared/i18n';
import { toastDone, toastError } from '~/shared/ui/toast';
import { inDir } from '~/shared/ui/inDir';
import { NumberField } from '../NumberField';
import css from '../Settings.module.css';
import { autoKinds, blankText, channelKinds, position, ready, toGateway, type Kind } from './auto';

const seenAs = (message: AutoMessage) => ({ path: { id: message.id }, header: { 'If-Match': `"${message.version}"` } });

export function AutoMessageForm({ message, onClose }: { message: AutoMessage | null; onClose: () => void }) {
  const { t } = useTranslation(['settings', 'common']);
  const channels = useChannels().data ?? [];
  const hours = useHours().data ?? [];
  const [kind, setKind] = useState<Kind>(message?.kind ?? 'welcome');
  const [where, setWhere] = useState([...(message?.channel_ids ?? []), ...(message?.channel_kinds ?? [])]);
  const [text, setText] = useState({ ...blankText, ...message?.text });
  const [hoursId, setHoursId] = useState(message?.business_hours_id ?? '');
  const [delay, setDelay] = useState<number | ''>(message?.delay_minutes ?? 5);
  const [every, setEvery] = useState<number | ''>(message?.every_days ?? 30);
  const [busy, setBusy] = useState(false);
  const fit = ready(kind, text);
  const attempt = async (make: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await make();
      toastDone(t('saved'));
      onClose();
    } catch (cause) {
      toastError(cause);
      if (cause instanceof ApiError && cause.code === 'changed_meanwhile') onClose();
    } finally {
      setBusy(false);
      await invalidate('/api/v1/auto-messages');
    }
  };
  const save = () => {
    const survey = kind === 'satisfaction' && { delay_minutes: Number(delay), every_days: Number(every) };
    const body = { ...toGateway(where, text), business_hours_id: kind === 'away' ? hoursId : '', ...survey };
    return attempt(() => (message ? api.PATCH('/api/v1/auto-messages/{id}', { params: seenAs(message), body }) : api.POST('/api/v1/auto-messages', { body: { ...body, kind } })));
  };
  const kinds = channelKinds.filter((one) => where.includes(one) || channels.some((channel) => channel.kind === one));
  return (
    <Modal opened onClose={onClose} size={560} title={message ? t(`auto.kind.${message.kind}`) : t('auto.add')} closeButtonProps={{ 'aria-label': t('common:action.close') }}>
      <form
        className={css.wideForm}
        onSubmit={(event) => {
          event.preventDefault();
          if (fit) void save();
        }}
      >
        {!message && (
          <Select
            label={t('auto.when')}
            allowDeselect={false}
            data={autoKinds.map((value) => ({ value, label: t(`auto.kind.${value}`) }))}
            value={kind}
            onChange={(value) => setKind(autoKinds.find((one) => one === value) ?? kind)}
            data-testid="auto-kind"
          />
        )}
        <p className={css.help}>{t(`auto.about.${kind}`)}</p>
        <MultiSelect
          label={t('auto.where')}
          placeholder={where.length > 0 ? '' : t('auto.everywhere')}
          data={[
            { group: t('auto.kinds'), items: kinds.map((value) => ({ value, label: t(`common:channel.${value}`) })) },
            { group: t('channels.title'), items: channels.map(({ id, name }) => ({ value: id, label: name })) },
          ]}
          value={where}
          onChange={setWhere}
          data-testid="auto-where"
        />
        {kind === 'away' && (
          <Select label={t('auto.hours')} placeholder={t('auto.noHours')} clearable data={hours.map(({ id, name }) => ({ value: id, label: name }))} value={hoursId || null} onChange={(id) => setHoursId(id ?? '')} data-testid="auto-hours" />
        )}
        {kind === 'satisfaction' && (
          <>
            <NumberField label={t('survey.delay')} min={0} max={10_080} value={delay} onChange={setDelay} data-testid="survey-delay" />
            <NumberField label={t('survey.every')} description={t('survey.everyHelp')} min={0} max={365} value={every} onChange={setEvery} data-testid="survey-every" />
          </>
        )}
        {(['en', 'he', 'ar'] as const).map((one) => (
          <Textarea
            key={one}
            label={t('auto.text', { language: languages[one].name })}
            description={kind === 'queue_position' && one === 'en' ? t('auto.position', { place: position }) : undefined}
            {...inDir(text[one] ? 'auto' : languages[one].dir)}
            maxLength={1000}
            autosize
            minRows={2}
            value={text[one]}
            onChange={(event) => setText({ ...text, [one]: event.target.value })}
            data-testid={`auto-text-${one}`}
          />
        ))}
        <div className={css.actions}>
          <Button type="submit" loading={busy} disabled={!fit} data-testid="auto-save">
            {t('common:action.save')}
          </Button>
          {message && (
            <Button variant="default" color="red" onClick={() => void attempt(() => api.DELETE('/api/v1/auto-messages/{id}', { params: seenAs(message) }))} data-testid="auto-remove">
              {t('common:action.delete')}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}
