import { Link } from '@tanstack/react-router';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BoardAgent } from '~/shared/api/types';
import { formatNumber } from '~/shared/i18n/format';
import { Avatar } from '~/shared/ui/Avatar';
import { Ago } from './Ago';
import { agentTrouble, arrange, compareAgents, type Risen } from './board';
import { useHalfMinute } from './Clock';
import { Dots } from './Dots';
import css from './Live.module.css';

interface Props {
  agents: BoardAgent[];
  openId: string;
}

/** Who is there, how much each has, and what they did today. Who is offline stands in few words at the end. */
export function Agents({ agents, openId }: Props) {
  const { t } = useTranslation('live');
  const [risen] = useState<Risen>(() => new Map());
  const now = useHalfMinute();
  const there = agents.filter(({ state, load }) => state !== 'offline' || load > 0);
  const shown = arrange(there, risen, now, { id: (agent) => agent.user_id, over: (agent) => !!agentTrouble(agent, now), compare: compareAgents });
  const gone = agents.filter((agent) => !there.includes(agent)).toSorted(compareAgents);
  return (
    <section className={css.band} aria-labelledby="live-agents">
      <h2 id="live-agents">{t('agents.title')}</h2>
      {agents.length === 0 && <p className={css.none}>{t('agents.none')}</p>}
      {there.length === 0 && agents.length > 0 && <p className={css.none}>{t('agents.nobodyThere')}</p>}
      <ul className={css.agents}>
        {shown.map((agent) => (
          <li key={agent.user_id}>
            <AgentCard agent={agent} open={agent.user_id === openId} trouble={agentTrouble(agent, now)} />
          </li>
        ))}
      </ul>
      {gone.length > 0 && (
        <details className={css.gone}>
          <summary>{t('agents.offline', { count: gone.length, formatParams: { count: formatNumber(gone.length) } })}</summary>
          <ul>
            {gone.map((agent) => (
              <li key={agent.user_id}>
                <Link to="/live" search={(s) => ({ ...s, agent: agent.user_id })} data-testid="live-offline">
                  <bdi>{agent.name}</bdi>
                </Link>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

const AgentCard = memo(function AgentCard({ agent, open, trouble }: { agent: BoardAgent; open: boolean; trouble: string | null }) {
  const { t } = useTranslation(['live', 'common']);
  return (
    <article className={css.agent} data-over={trouble ?? undefined} data-open={open || undefined} data-state={agent.state} data-testid="live-agent" data-user-id={agent.user_id}>
      <Avatar id={agent.user_id} name={agent.name} size={34} presence={agent.state} />
      <div className={css.agentText}>
        <strong>
          <Link to="/live" search={(s) => ({ ...s, agent: open ? undefined : agent.user_id })} className={css.agentName} aria-expanded={open}>
            <bdi>{agent.name}</bdi>
          </Link>
        </strong>
        <span className={css.agentState}>
          <span data-testid="live-agent-state">{t(`common:presence.${agent.state}`)}</span>
          {agent.since && (
            <>
              {' · '}
              <Ago at={agent.since} />
            </>
          )}
          {agent.reason && (
            <>
              {' · '}
              <bdi>{agent.reason}</bdi>
            </>
          )}
        </span>
        <Dots agent={agent} />
        <span className={css.today}>
          {agent.today && (
            <>
              <Link to="/inbox" search={{ agent: agent.user_id }}>{t('agents.given', { count: agent.today.given, formatParams: { count: formatNumber(agent.today.given) } })}</Link>
              {' · '}
              <Link to="/inbox" search={{ agent: agent.user_id, status: ['resolved'] }}>{t('agents.resolved', { count: agent.today.resolved, formatParams: { count: formatNumber(agent.today.resolved) } })}</Link>
            </>
          )}
          {trouble && <em>{t(`trouble.${trouble as 'load' | 'away'}`)}</em>}
        </span>
      </div>
    </article>
  );
});
