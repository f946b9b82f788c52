import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTeams, useUsers } from '~/shared/api/queries';
import type { ActivityActor } from '~/shared/api/types';
import { formatDateTime, formatTime } from '~/shared/i18n/format';
import { isolate } from '~/shared/ui/bidi';
import { sayings, type ActivityLine, type Said } from './activity';
import css from './ActivityRow.module.css';

/** From here on the earlier lines between two messages are folded. */
const most = 3;

/** What was done with the conversation between two messages, quietly. */
export function ActivityRow({ lines }: { lines: ActivityLine[] }) {
  const { t } = useTranslation('thread');
  const [open, setOpen] = useState(false);
  const folded = !open && lines.length > most ? lines.length - most + 1 : 0;
  return (
    <ul className={css.lines} aria-label={t('activity.label')} data-testid="activity">
      {folded > 0 && (
        <li>
          <button type="button" className={css.more} onClick={() => setOpen(true)}>
            {t('activity.more', { count: folded })}
          </button>
        </li>
      )}
      {lines.slice(folded).map((line) => (
        <Line key={line.key} line={line} />
      ))}
    </ul>
  );
}

function Line({ line }: { line: ActivityLine }) {
  const said = sayings(line);
  if (said.length === 0) return null;
  return (
    <li className={css.line} title={formatDateTime(new Date(line.at))}>
      {said.map((one) => (
        <span key={one.key} className={css.said}>
          <Words said={one} />
        </span>
      ))}
      <By actor={line.actor} />
      <time className={css.by} dateTime={line.at}>{formatTime(line.at)}</time>
    </li>
  );
}

function Words({ said: { key, value = '', labels = [] } }: { said: Said }) {
  const { t } = useTranslation(['thread', 'inbox']);
  const users = useUsers().data ?? [];
  const teams = useTeams().data ?? [];
  const shown = () => {
    switch (key) {
      case 'assigned':
        return users.find((u) => u.id === value)?.name ?? t('activity.someone');
      case 'team':
        return teams.find((team) => team.id === value)?.name ?? t('activity.goneTeam');
      case 'type':
        return t(`inbox:type.${value}` as 'inbox:type.sales');
      case 'sentiment':
        return t(`inbox:sentiment.${value}` as 'inbox:sentiment.angry');
      case 'priority':
        return t(`inbox:priority.${value}` as 'inbox:priority.high');
      case 'slaWarning':
      case 'slaBreached':
        return t(`inbox:sla.metric.${value}` as 'inbox:sla.metric.resolution');
      case 'snoozed':
        return value && formatDateTime(new Date(value));
      default:
        return value;
    }
  };
  return t(`activity.${key}`, { value: isolate(shown()), labels: labels.map(isolate).join(', ') });
}

/** Who did it; nobody where it happened by itself. */
function By({ actor }: { actor: ActivityActor }) {
  const { t } = useTranslation('thread');
  if (!actor.name) return null;
  if (actor.cause.name) return <span className={css.by}>{t('activity.byMacro', { name: isolate(actor.name), macro: isolate(actor.cause.name) })}</span>;
  const kind = actor.kind === 'rule' || actor.kind === 'sequence' || actor.kind === 'token' ? t(`activity.actor.${actor.kind}`) : '';
  return (
    <span className={css.by}>
      {kind && `${kind} `}
      <bdi>{actor.kind === 'system' && actor.name === 'routing' ? t('activity.actor.routing') : actor.name}</bdi>
    </span>
  );
}
