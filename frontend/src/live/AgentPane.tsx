import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconArrowUpRight, IconEye, IconMessage2, IconX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AssignMenu } from '~/inbox/header/AssignMenu';
import { api } from '~/shared/api/client';
import { useTeams } from '~/shared/api/queries';
import type { AgentState, BoardAgent } from '~/shared/api/types';
import { loadConversation } from '~/shared/realtime/actions';
import { conversations, useConversation } from '~/shared/realtime/conversations';
import { Avatar } from '~/shared/ui/Avatar';
import { toastDone, toastError } from '~/shared/ui/toast';
import { inDir } from '~/shared/ui/inDir';
import { presenceStates } from '~/app/layout/presence';
import { Ago } from './Ago';
import { Dots } from './Dots';
import { Whisper } from './Whisper';
import css from './Live.module.css';

/** One agent closely: their state, which a supervisor may change, and what they have. */
export function AgentPane({ agent, past, close }: { agent: BoardAgent; past: boolean; close: () => void }) {
  const { t } = useTranslation(['live', 'common']);
  const teams = (useTeams().data ?? []).filter(({ id }) => agent.team_ids.includes(id));
  const ids = agent.conversations.map(({ id }) => id).join();
  useEffect(() => {
    for (const id of ids.split(',')) if (id && !conversations.get(id)) loadConversation(id).catch(() => undefined);
  }, [ids]);
  return (
    <>
      <header className={css.paneHead}>
        <Avatar id={agent.user_id} name={agent.name} size={40} presence={agent.state} />
        <div>
          <h2>
            <bdi>{agent.name}</bdi>
          </h2>
          <small>
            {teams.map(({ id, name }, n) => (
              <span key={id}>
                {n > 0 && ' · '}
                <bdi>{name}</bdi>
              </span>
            ))}
          </small>
        </div>
        <ActionIcon aria-label={t('common:action.close')} onClick={close} data-testid="live-pane-close">
          <IconX size={18} />
        </ActionIcon>
      </header>
      {past ? <p className={css.none}>{t(`common:presence.${agent.state}`)}</p> : <StateForm agent={agent} key={`${agent.state} ${agent.reason}`} />}
      <div className={css.paneLoad}>
        <Dots agent={agent} />
        <Link to="/inbox" search={{ agent: agent.user_id }}>{t('pane.inbox')}</Link>
      </div>
      <h3>{t('pane.has', { count: agent.conversations.length })}</h3>
      {agent.conversations.length === 0 && <p className={css.none}>{t('pane.nothing')}</p>}
      <ul className={css.held}>
        {agent.conversations.map((held) => (
          <li key={held.id}>
            <Held held={held} past={past} />
          </li>
        ))}
      </ul>
    </>
  );
}

/** Changes an agent's state, with a reason that they and their colleagues read. */
function StateForm({ agent }: { agent: BoardAgent }) {
  const { t, i18n } = useTranslation(['live', 'common']);
  const [reason, setReason] = useState(agent.reason);
  const put = async (state: AgentState) => {
    try {
      await api.PUT('/api/v1/users/{id}/presence', { params: { path: { id: agent.user_id } }, body: { state, ...(reason.trim() && { reason: reason.trim() }) } });
      toastDone(t('pane.changed', { name: agent.name, state: t(`common:presence.${state}`) }));
    } catch (cause) {
      toastError(cause, () => void put(state));
    }
  };
  return (
    <form
      className={css.states}
      onSubmit={(event) => {
        event.preventDefault();
        void put(agent.state);
      }}
    >
      <div role="group" aria-label={t('pane.state')}>
        {presenceStates.map((state) => (
          <Button key={state} size="compact-sm" variant={state === agent.state ? 'light' : 'default'} aria-pressed={state === agent.state} onClick={() => void put(state)} data-testid={`live-set-${state}`}>
            {t(`common:presence.${state}`)}
          </Button>
        ))}
      </div>
      <TextInput
        size="xs"
        {...inDir(reason ? 'auto' : i18n.dir())}
        maxLength={120}
        placeholder={t('common:presence.reason')}
        aria-label={t('common:presence.reason')}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        data-testid="live-reason"
      />
    </form>
  );
}

/** One conversation that they have, or that is offered to them. */
function Held({ held, past }: { held: BoardAgent['conversations'][number]; past: boolean }) {
  const { t } = useTranslation(['live', 'inbox']);
  const conversation = useConversation(held.id);
  const [whispers, setWhispers] = useState(false);
  const name = conversation?.contact.name || t('inbox:row.nameless');
  return (
    <article className={css.heldRow} data-testid="live-held" data-conversation-id={held.id}>
      <Avatar id={conversation?.contact.id ?? held.id} name={conversation?.contact.name ?? ''} url={conversation?.contact.avatar_url} size={30} channel={held.kind} />
      <span className={css.heldText}>
        <bdi className="follow">{name}</bdi>
        <small>
          {t(held.offered ? 'held.offered' : 'held.assigned')} · <Ago at={held.since} />
        </small>
      </span>
      <span className={css.heldTools}>
        {conversation && !past && <AssignMenu conversation={conversation} plain />}
        {conversation?.assignee_id && !past && (
          <button type="button" className={css.tool} aria-label={t('whisper.do')} title={t('whisper.do')} aria-expanded={whispers} onClick={() => setWhispers(!whispers)} data-testid="live-whisper">
            <IconMessage2 size={18} stroke={1.7} />
          </button>
        )}
        <Link to="/inbox/$conversationId" params={{ conversationId: held.id }} search={{ watch: true }} className={css.tool} aria-label={t('held.watch')} title={t('held.watch')} data-testid="live-watch">
          <IconEye size={18} stroke={1.7} />
        </Link>
        <Link to="/inbox/$conversationId" params={{ conversationId: held.id }} className={css.tool} aria-label={t('held.open')} title={t('held.open')} data-testid="live-open">
          <IconArrowUpRight size={18} stroke={1.7} className="mirror" />
        </Link>
      </span>
      {conversation && whispers && (
        <div className={css.heldTools}>
          <Whisper conversation={conversation} done={() => setWhispers(false)} />
        </div>
      )}
    </article>
  );
}
