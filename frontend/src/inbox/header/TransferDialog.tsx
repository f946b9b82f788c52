import { Button, Modal, Select, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { closeOverlay } from '~/app/overlays';
import { api, bodyOf } from '~/shared/api/client';
import { useTeams, useUsers } from '~/shared/api/queries';
import { randomId } from '~/shared/lib/ids';
import { keepConversations } from '~/shared/realtime/actions';
import { useLive } from '~/shared/realtime/store';
import { toastDone, toastError } from '~/shared/ui/toast';
import { inDir } from '~/shared/ui/inDir';
import css from './Transfer.module.css';

/** Gives the open conversation to a colleague or a team, with a note for them in the same write. */
export function TransferDialog() {
  const { t } = useTranslation(['finish', 'common']);
  const open = useLive((s) => s.openId);
  const [id] = useState(open);
  const me = useLive((s) => s.me?.user.id);
  const users = (useUsers().data ?? []).filter((user) => user.active !== false && user.id !== me);
  const teams = useTeams().data ?? [];
  const [to, setTo] = useState<string | null>(null);
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const [key] = useState(randomId);
  const submit = async () => {
    setBusy(true);
    const team = teams.find((one) => one.id === to);
    try {
      const body = { ...(team ? { team_id: team.id, agent_id: null } : { agent_id: to }), ...(note.trim() && { note: note.trim() }) };
      keepConversations([await bodyOf(api.POST('/api/v1/conversations/{id}/assign', { params: { path: { id }, header: { 'Idempotency-Key': key } }, body }))]);
      toastDone(t('transfer.done', { name: team?.name ?? users.find((one) => one.id === to)?.name ?? '' }));
      closeOverlay();
    } catch (cause) {
      toastError(cause, () => void submit());
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened={id !== ''} onClose={closeOverlay} title={t('transfer.title')} closeButtonProps={{ 'aria-label': t('common:action.close') }}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (to) void submit();
        }}
      >
        <Select
          label={t('transfer.to')}
          searchable
          data-autofocus
          data={[
            { group: t('transfer.agents'), items: users.map((one) => ({ value: one.id, label: one.name })) },
            { group: t('transfer.teams'), items: teams.map((one) => ({ value: one.id, label: one.name })) },
          ]}
          value={to}
          onChange={setTo}
          data-testid="transfer-to"
        />
        <Textarea label={t('transfer.note')} description={t('transfer.noteHelp')} {...inDir('auto')} autosize minRows={3} maxLength={20_000} value={note} onChange={(event) => setNote(event.target.value)} data-testid="transfer-note" />
        <div>
          <Button type="submit" loading={busy} disabled={!to} data-testid="transfer-hand">
            {t('transfer.hand')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
