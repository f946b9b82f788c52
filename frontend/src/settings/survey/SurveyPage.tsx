import { Select } from '@mantine/core';
import { IconStar } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '~/shared/api/client';
import { useChannels, useTeams, useUsers } from '~/shared/api/queries';
import type { components } from '~/shared/api/schema.gen';
import { formatNumber } from '~/shared/i18n/format';
import { EmptyState, ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import css from '../Settings.module.css';
import own from './Survey.module.css';

type Group = components['schemas']['SurveyGroup'];
interface Named {
  id: string;
  name: string;
}

const periods = [7, 30, 90, 365];
const day = 86_400_000;
const lately = (days: number) => ({ from: new Date(Date.now() - days * day).toISOString(), to: new Date().toISOString() });
const rounded = (average: number) => Math.round(average * 10) / 10;

/** What customers answered when they were asked whether they are satisfied. */
export function SurveyPage() {
  const { t } = useTranslation(['settings', 'common']);
  const [days, setDays] = useState(30);
  const [query, setQuery] = useState(() => lately(30));
  const choose = (chosen: number) => {
    setDays(chosen);
    setQuery(lately(chosen));
  };
  const results = $api.useQuery('get', '/api/v1/surveys/results', { params: { query } });
  const r = results.data;
  return (
    <>
      <div className={css.titleRow}>
        <h2>{t('survey.title')}</h2>
        <Select aria-label={t('survey.period')} allowDeselect={false} data={periods.map((value) => ({ value: String(value), label: t('survey.days', { days: formatNumber(value) }) }))} value={String(days)} onChange={(value) => choose(Number(value))} data-testid="survey-period" />
      </div>
      <p className={css.lead}>{t('survey.lead')}</p>
      {results.isPending && <SkeletonRows rows={4} />}
      {results.isError && <ErrorRetry error={results.error} retry={() => void results.refetch()} />}
      {r?.answered === 0 && <EmptyState icon={<IconStar size={28} stroke={1.5} />} title={t('survey.none')} text={t('survey.noneText')} action={<Link to="/settings/auto-messages">{t('survey.setUp')}</Link>} />}
      {!!r?.answered && (
        <>
          <dl className={own.figures}>
            <div>
              <dt>{t('survey.average')}</dt>
              <dd data-testid="survey-average">{formatNumber(rounded(r.average))}</dd>
            </div>
            <div>
              <dt>{t('survey.answered')}</dt>
              <dd data-testid="survey-answered">{t('survey.ofAsked', { answered: formatNumber(r.answered), asked: formatNumber(r.asked) })}</dd>
            </div>
          </dl>
          <ul className={own.bars}>
            {r.scores.map((n, score) => ({ n, score: score + 1 })).toReversed().map(({ n, score }) => (
              <li key={score}>
                <span>{t('survey.score', { score: formatNumber(score) })}</span>
                <meter min={0} max={r.answered} value={n} aria-hidden />
                <span>{formatNumber(n)}</span>
              </li>
            ))}
          </ul>
          {r.more && <p className={css.help}>{t('survey.more')}</p>}
          <Tables agents={r.by_agent} teams={r.by_team} channels={r.by_channel} />
        </>
      )}
    </>
  );
}

function Tables({ agents, teams, channels }: Record<'agents' | 'teams' | 'channels', Group[]>) {
  const { t } = useTranslation('settings');
  const users = useUsers().data ?? [];
  const allTeams = useTeams().data ?? [];
  const allChannels = useChannels().data ?? [];
  return (
    <div className={own.tables}>
      <Table title={t('survey.agents')} rows={agents} named={users} />
      <Table title={t('survey.teams')} rows={teams} named={allTeams} />
      <Table title={t('survey.channels')} rows={channels} named={allChannels} />
    </div>
  );
}

function Table({ title, rows, named }: { title: string; rows: Group[]; named: Named[] }) {
  const { t } = useTranslation('settings');
  const nameOf = (id: string) => (id ? (named.find((one) => one.id === id)?.name ?? t('survey.gone')) : t('survey.nobody'));
  return (
    <table className={own.table}>
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col">{t('survey.average')}</th>
          <th scope="col">{t('survey.answered')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ id, answered, average }) => (
          <tr key={id}>
            <th scope="row"><bdi>{nameOf(id)}</bdi></th>
            <td>{formatNumber(rounded(average))}</td>
            <td>{formatNumber(answered)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
