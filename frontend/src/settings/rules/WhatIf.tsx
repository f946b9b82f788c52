import { Alert, Button, Modal, TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '~/shared/api/client';
import { useUsers } from '~/shared/api/queries';
import type { Figures, RuleInput } from '~/shared/api/types';
import { formatNumber, formatPercent, formatSpan } from '~/shared/i18n/format';
import { useErrorText } from '~/shared/ui/errors';
import css from '../Settings.module.css';
import { dayBefore, rangeOf, today } from './days';
import own from './WhatIf.module.css';

interface Compared {
  before: Figures;
  after: Figures;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits for work of the gateway and tells how far it is, from 0 to 1; null where the caller no longer wants it. */
async function workedOff(id: string, tell: (share: number) => boolean): Promise<Compared | null> {
  const path = { params: { path: { id } } };
  for (;;) {
    const { data: job } = await api.GET('/api/v1/jobs/{id}', path);
    if (!job || !tell(job.done / job.total)) {
      await api.DELETE('/api/v1/jobs/{id}', path);
      return null;
    }
    if (job.errors[0]) throw new Error(job.errors[0].detail);
    if (job.state !== 'running') return ((await api.GET('/api/v1/routing/simulations/{id}', path)).data ?? null) as Compared | null;
    await pause(1000);
  }
}

/** Replays past days with rules that need not be saved, and compares how it was with how it would have been. */
export default function WhatIf({ rules, onClose }: { rules: RuleInput[]; onClose: () => void }) {
  const { t } = useTranslation(['settings', 'common']);
  const errorText = useErrorText();
  const [from, setFrom] = useState(dayBefore(today(), 6));
  const [to, setTo] = useState(today());
  const [share, setShare] = useState<number | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const [result, setResult] = useState<Compared | null>(null);
  const open = useRef(true);
  const close = () => {
    open.current = false;
    onClose();
  };
  const run = async () => {
    setShare(0);
    setFailed(null);
    setResult(null);
    try {
      const { data } = await api.POST('/api/v1/routing/simulate', { body: { ...rangeOf(from, to, new Date()), rules } });
      const tell = (done: number) => {
        setShare(done);
        return open.current;
      };
      setResult(data?.job_id ? await workedOff(data.job_id, tell) : ((data ?? null) as Compared | null));
    } catch (cause) {
      setFailed(cause);
    } finally {
      setShare(null);
    }
  };
  const problem = failed instanceof Error && failed.constructor === Error ? failed.message : failed ? errorText(failed).title : '';
  return (
    <Modal opened onClose={close} size={640} title={t('whatIf.title')} closeButtonProps={{ 'aria-label': t('common:action.close') }} data-testid="what-if">
      <form
        className={css.wideForm}
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <p className={own.lead}>{t('whatIf.lead')}</p>
        <div className={own.range}>
          <TextInput type="date" label={t('whatIf.from')} required value={from} min={dayBefore(today(), 89)} max={to} onChange={(event) => setFrom(event.target.value)} />
          <TextInput type="date" label={t('whatIf.to')} required value={to} min={from} max={today()} onChange={(event) => setTo(event.target.value)} />
          <Button type="submit" loading={share !== null} data-testid="what-if-run">
            {t('whatIf.run')}
          </Button>
        </div>
        {share !== null && (
          <div className={own.bar} role="progressbar" aria-label={t('whatIf.working')} aria-valuenow={Math.round(share * 100)}>
            <div style={{ inlineSize: `${Math.max(3, share * 100)}%` }} />
          </div>
        )}
        {problem && <Alert color="red">{problem}</Alert>}
        {result && <Comparison {...result} />}
      </form>
    </Modal>
  );
}

function Comparison({ before, after }: Compared) {
  const { t } = useTranslation('settings');
  const users = useUsers().data ?? [];
  // Isolated: among Hebrew words a number and a Latin unit would change places.
  const span = (seconds: number) => `\u2068${seconds < 1 ? `< ${formatSpan(1000)}` : formatSpan(seconds * 1000)}\u2069`;
  const level = (value: number | null) => (value === null ? '–' : formatPercent(value));
  const agents = [...new Set([...Object.keys(before.load_by_agent), ...Object.keys(after.load_by_agent)])]
    .map((id) => ({ id, name: users.find((user) => user.id === id)?.name ?? id }))
    .toSorted((a, b) => a.name.localeCompare(b.name));
  const rows: [string, string, string][] = [
    [t('whatIf.arrived'), formatNumber(before.arrived), formatNumber(after.arrived)],
    [t('whatIf.assigned'), formatNumber(before.assigned), formatNumber(after.assigned)],
    [t('whatIf.meanWait'), span(before.mean_wait_seconds), span(after.mean_wait_seconds)],
    [t('whatIf.p90Wait'), span(before.p90_wait_seconds), span(after.p90_wait_seconds)],
    [t('whatIf.level'), level(before.service_level), level(after.service_level)],
    [t('whatIf.abandoned'), formatNumber(before.abandoned), formatNumber(after.abandoned)],
  ];
  const line = (key: string, name: React.ReactNode, was: string, is: string) => (
    <tr key={key} data-differs={was !== is || undefined}>
      <th scope="row">{name}</th>
      <td>{was}</td>
      <td>{is}</td>
    </tr>
  );
  return (
    <table className={own.table} data-testid="what-if-result">
      <thead>
        <tr>
          <td />
          <th scope="col">{t('whatIf.before')}</th>
          <th scope="col">{t('whatIf.after')}</th>
        </tr>
      </thead>
      <tbody>{rows.map(([name, was, is]) => line(name, name, was, is))}</tbody>
      {agents.length > 0 && (
        <tbody>
          <tr>
            <th scope="rowgroup" colSpan={3}>
              {t('whatIf.byAgent')}
            </th>
          </tr>
          {agents.map(({ id, name }) => line(id, <bdi>{name}</bdi>, formatNumber(before.load_by_agent[id] ?? 0), formatNumber(after.load_by_agent[id] ?? 0)))}
        </tbody>
      )}
    </table>
  );
}
