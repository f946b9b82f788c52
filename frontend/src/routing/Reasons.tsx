import { useTranslation } from 'react-i18next';
import { $api } from '~/shared/api/client';
import { useTeams, useUsers } from '~/shared/api/queries';
import type { Candidate, Conversation, Decision, Routing } from '~/shared/api/types';
import { formatDateTime, formatNumber, formatSpan, formatTime } from '~/shared/i18n/format';
import { maySupervise } from '~/shared/lib/health';
import { useLive } from '~/shared/realtime/store';
import { Avatar } from '~/shared/ui/Avatar';
import { isolate } from '~/shared/ui/bidi';
import { ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import css from './WhyHere.module.css';
import { headline, others } from './why';

/** Where the conversation stands, and the decisions that brought it there, the latest first. */
export function Reasons({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation(['inbox', 'more']);
  const routing = $api.useQuery('get', '/api/v1/conversations/{id}/routing', { params: { path: { id: conversation.id } } }, { staleTime: 0 });
  if (routing.isError) return <ErrorRetry error={routing.error} retry={() => void routing.refetch()} />;
  if (!routing.data) return <SkeletonRows rows={2} height={44} />;
  return (
    <div data-testid="why-panel">
      <Standing routing={routing.data} conversation={conversation} />
      {routing.data.decisions.length > 0 && (
        <ol className={css.decisions} aria-label={t('more:why.decisions')}>
          {routing.data.decisions.map((decision, n) => (
            <Told key={`${decision.at} ${n}`} decision={decision} latest={n === 0} />
          ))}
        </ol>
      )}
    </div>
  );
}

function useNames(): { agent: (id: string) => string; team: (id: string) => string } {
  const { t } = useTranslation(['inbox', 'more']);
  const users = useUsers().data ?? [];
  const teams = useTeams().data ?? [];
  return {
    agent: (id) => isolate(users.find((u) => u.id === id)?.name ?? t('colleague')),
    team: (id) => isolate(teams.find((team) => team.id === id)?.name ?? t('assign.goneTeam')),
  };
}

function Standing({ routing: { state, queue, offer }, conversation }: { routing: Routing; conversation: Conversation }) {
  const { t } = useTranslation(['inbox', 'more']);
  const { agent, team } = useNames();
  const text = () => {
    if (state === 'offered' && offer) return t('more:why.offered', { name: agent(offer.agent_id), time: formatTime(offer.until) });
    if (conversation.assignee_id) return t('more:why.assigned', { name: agent(conversation.assignee_id) });
    if (queue) return t('more:why.queued', { team: team(queue.team_id) });
    return t('more:why.none');
  };
  return (
    <p className={css.standing} data-state={state} data-testid="why-state">
      {text()}
      {queue && !conversation.assignee_id && (
        <span>
          {t('more:why.place', { position: formatNumber(queue.position), time: formatDateTime(queue.since) })}
          {queue.priority !== 'none' && ` · ${t('customer.priority')}: ${t(`priority.${queue.priority}`)}`}
        </span>
      )}
    </p>
  );
}

function Told({ decision, latest }: { decision: Decision; latest: boolean }) {
  const { t } = useTranslation(['inbox', 'more']);
  const { agent } = useNames();
  const { key, agentId } = headline(decision);
  const listed = others(decision);
  const by = decision.strategy && (key === 'chosen' || key === 'wouldGo') ? t(`more:why.strategy.${decision.strategy}`) : '';
  return (
    <li className={css.decision} data-testid="why-decision" data-cause={decision.cause}>
      <p>
        {t(`more:why.said.${key}`, { name: agentId && agent(agentId) })}
        {by && `: ${by}`} {decision.rule_id && <RuleName id={decision.rule_id} />}
        {decision.cause === 'waiting' ? <span className={css.when}>{t('more:why.now')}</span> : <time className={css.when} dateTime={decision.at}>{formatDateTime(decision.at)}</time>}
      </p>
      {decision.why && (
        <p className={css.quote} dir="auto">
          {decision.why}
        </p>
      )}
      {listed.length > 0 && (
        <details open={latest}>
          <summary>{t('more:why.looked', { count: listed.length })}</summary>
          <ul>
            {listed.map((candidate) => (
              <Person key={candidate.agent_id} candidate={candidate} name={agent(candidate.agent_id)} />
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

/** The rule's name, for those who may see the rules. */
function RuleName({ id }: { id: string }) {
  const role = useLive((s) => s.me?.user.role) ?? 'agent';
  const rules = $api.useQuery('get', '/api/v1/routing/rules', {}, { enabled: maySupervise(role) });
  const name = rules.data?.items.find((rule) => rule.id === id)?.name;
  return name ? <bdi className={css.rule}>{name}</bdi> : null;
}

function Person({ candidate, name }: { candidate: Candidate; name: string }) {
  const { t } = useTranslation(['inbox', 'more']);
  const values = { load: formatNumber(candidate.load), capacity: formatNumber(candidate.capacity), skill: formatNumber(candidate.skill), time: formatSpan(candidate.idle_seconds * 1000) };
  return (
    <li className={css.person} data-testid="why-person" data-reason={candidate.reason}>
      <Avatar id={candidate.agent_id} name={name} size={22} />
      <span className={css.name}>
        <bdi>{name}</bdi>
      </span>
      <span>{t(`more:why.reason.${candidate.reason}`, values)}</span>
    </li>
  );
}
