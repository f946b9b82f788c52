import { ActionIcon } from '@mantine/core';
import { IconHistoryOff, IconMaximize } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/shared/api/client';
import { formatDateTime, formatNumber } from '~/shared/i18n/format';
import { mainId, useKeptFocus } from '~/shared/lib/focus';
import { useActions } from '~/shared/actions/actions';
import { lettersHere } from '~/shared/lib/keys';
import { EmptyState, ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import { AgentPane } from './AgentPane';
import { Agents } from './Agents';
import { summary } from './board';
import { Channels } from './Channels';
import { Clock, TimeOfBoard } from './Clock';
import css from './Live.module.css';
import { Queues } from './Queues';
import { TimeSlider } from './TimeSlider';
import { useBoard } from './useBoard';

/** The floor on one page: what waits, who is there with how much, and whether messages come in. */
export function LivePage() {
  const { t } = useTranslation('live');
  const navigate = useNavigate();
  const page = useRef<HTMLDivElement>(null);
  const { agent: agentId = '', at = '' } = useSearch({ from: '/app/live' });
  const { board, of, error, ahead, retry } = useBoard(at);
  const past = of !== '';
  const time = useMemo(() => ({ ahead, fixed: of ? Date.parse(of) : null }), [ahead, of]);
  const go = (when: number | null) => void navigate({ to: '/live', search: (s) => ({ ...s, at: when === null ? undefined : new Date(when).toISOString() }), replace: true });
  const clock = useMemo(() => ({ ahead, fixed: null }), [ahead]);
  const agent = board?.agents.find(({ user_id }) => user_id === agentId);
  const close = () => {
    void navigate({ to: '/live', search: (s) => ({ ...s, agent: undefined }) });
    page.current?.querySelector<HTMLElement>(`[data-user-id="${agentId}"] a`)?.focus();
  };
  useKeptFocus('live');
  useActions({ leave: !!agentId && close });
  return (
    <TimeOfBoard.Provider value={time}>
      <div className={css.page} ref={page} data-pane={agent ? '' : undefined} data-testid="live" data-past={past || undefined}>
        <main className={css.main} id={mainId} tabIndex={-1} {...lettersHere}>
          <header className={css.head}>
            <h1>{t('title')}</h1>
            {past && board && (
              <p className={css.asItWas} role="status" data-testid="live-past">
                {t('past.asItWas', { time: formatDateTime(of) })}
              </p>
            )}
            {board && <Summary {...summary(board)} />}
            <ActionIcon className={css.wall} aria-label={t('wall')} title={t('wall')} onClick={() => void document.documentElement.requestFullscreen()}>
              <IconMaximize size={20} stroke={1.7} />
            </ActionIcon>
          </header>
          {!board && (error ? <NoBoard error={error} retry={retry} /> : <SkeletonRows />)}
          {board && (
            <>
              <Queues queues={board.queues} />
              <Agents agents={board.agents} openId={agentId} />
              {!past && <Channels channels={board.channels} />}
            </>
          )}
        </main>
        {agent && (
          <aside className={css.pane} aria-label={agent.name} key={agent.user_id}>
            <AgentPane agent={agent} past={past} close={close} />
          </aside>
        )}
        <TimeOfBoard.Provider value={clock}>
          <TimeSlider at={at ? Date.parse(at) : null} go={go} />
        </TimeOfBoard.Provider>
      </div>
    </TimeOfBoard.Provider>
  );
}

/** There is no board: of that moment nothing is known, or it could not be asked for. */
function NoBoard({ error, retry }: { error: unknown; retry: () => void }) {
  const { t } = useTranslation('live');
  if (error instanceof ApiError && error.code === 'not_recorded') return <EmptyState icon={<IconHistoryOff size={28} stroke={1.5} />} title={t('past.none')} text={t('past.noneText')} />;
  return <ErrorRetry error={error} retry={retry} />;
}

/** The four numbers that are read from afar. */
function Summary({ waiting, oldest, online, places }: ReturnType<typeof summary>) {
  const { t } = useTranslation('live');
  const figure = (id: 'waiting' | 'oldest' | 'online' | 'places', value: ReactNode) => (
    <div data-testid={`live-${id}`}>
      <dt>{t(`sum.${id}`)}</dt>
      <dd>{value}</dd>
    </div>
  );
  return (
    <dl className={css.sums}>
      {figure('waiting', formatNumber(waiting))}
      {figure('oldest', oldest ? <Clock since={oldest} /> : '–')}
      {figure('online', formatNumber(online))}
      {figure('places', formatNumber(places))}
    </dl>
  );
}
