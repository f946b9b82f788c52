import { Modal } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '~/shared/api/client';
import { formatDateTime, formatDay, formatSeconds, formatSpan } from '~/shared/i18n/format';
import type { ThreadMessage } from '~/shared/realtime/store';
import { ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import { focusMessage } from '../composer/focus';
import { failureText } from './failure';
import css from './Lifeline.module.css';
import { withGaps, type Passed } from './gaps';

/** Where a message has been: every step that was recorded, when, and how long it took. */
export function Lifeline({ message, close }: { message: ThreadMessage; close: () => void }) {
  const { t } = useTranslation(['thread', 'common', 'more']);
  // Never an earlier answer: the message may have moved on since.
  const line = $api.useQuery('get', '/api/v1/messages/{id}/lifeline', { params: { path: { id: message.id } } }, { staleTime: 0, gcTime: 0 });
  useEffect(() => () => focusMessage(message.id), [message.id]);
  return (
    <Modal opened onClose={close} returnFocus={false} title={t('more:lifeline.title')} size={460} closeButtonProps={{ 'aria-label': t('common:action.close') }}>
      {line.isPending && <SkeletonRows rows={4} height={40} />}
      {line.isError && <ErrorRetry error={line.error} retry={() => void line.refetch()} />}
      {line.data && (
        <ol className={css.line} data-testid="lifeline">
          {withGaps(line.data.steps).map((passed, n) => (
            <Step key={n} {...passed} />
          ))}
        </ol>
      )}
    </Modal>
  );
}

const bad = ['failed', 'unknown'];
const slow = ['waiting', 'held', 'behind', 'resumed'];

function Step({ step, gap, newDay }: Passed) {
  const { t } = useTranslation(['thread', 'more']);
  const why = step.code ? failureText({ code: step.code, title: step.detail ?? '', detail: '' }).title : '';
  const tone = bad.includes(step.step) ? 'bad' : slow.includes(step.step) ? 'slow' : undefined;
  const repeated = step.step === 'waiting' && !!step.more;
  return (
    <li className={css.step} data-tone={tone} data-step={step.step}>
      {newDay && step.at && <span className={css.day}>{formatDay(step.at)}</span>}
      <span className={css.what}>
        {step.step === 'behind' ? t('more:lifeline.behind', { count: step.more ?? 1 }) : t(`more:lifeline.step.${step.step}`)}
        {step.by?.name && <> · <bdi>{step.by.name}</bdi></>}
      </span>
      {step.at ? (
        <time className={css.when} dateTime={step.at} title={formatDateTime(step.at)}>{formatSeconds(step.at)}</time>
      ) : (
        <span className={css.when}>{step.step === 'held' || step.step === 'behind' ? t('more:lifeline.now') : t('more:lifeline.unrecorded')}</span>
      )}
      {gap !== null && <span className={css.gap}><bdi>+{formatSpan(gap)}</bdi></span>}
      {why && <span className={css.why} dir="auto">{why}</span>}
      {step.came_at && (
        <span className={css.why}>
          {repeated ? t('more:lifeline.repeated', { count: step.more, time: formatSeconds(step.came_at) }) : t('more:lifeline.reported', { time: formatSeconds(step.came_at) })}
        </span>
      )}
    </li>
  );
}
