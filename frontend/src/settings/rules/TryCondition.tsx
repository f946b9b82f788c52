import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '~/shared/api/client';
import type { ConditionTest } from '~/shared/api/types';
import { formatNumber } from '~/shared/i18n/format';
import { toastError } from '~/shared/ui/toast';
import own from './WhatIf.module.css';

/** Says of how many of the newest conversations a condition holds, and shows the first of them. */
export default function TryCondition({ when, ready }: { when: object; ready: boolean }) {
  const { t } = useTranslation('settings');
  const [busy, setBusy] = useState(false);
  const [found, setFound] = useState<{ of: string; test: ConditionTest } | null>(null);
  const asked = JSON.stringify(when);
  const ask = async () => {
    setBusy(true);
    try {
      const { data } = await api.POST('/api/v1/routing/rules/test', { body: { when } });
      setFound(data ? { of: asked, test: data } : null);
    } catch (cause) {
      toastError(cause);
    } finally {
      setBusy(false);
    }
  };
  const test = found?.of === asked ? found.test : null;
  return (
    <div>
      <div className={own.try}>
        <Button variant="default" size="compact-sm" loading={busy} disabled={!ready} onClick={() => void ask()} data-testid="rule-test">
          {t('whatIf.test')}
        </Button>
        <span role="status" data-testid="rule-tested">
          {test && t('whatIf.tested', { matched: formatNumber(test.matched), of: formatNumber(test.of) })}
        </span>
      </div>
      {test && test.first.length > 0 && (
        <ul className={own.found}>
          {test.first.map((one) => (
            <li key={one.id}>
              <strong>
                <bdi>{one.contact.name}</bdi>
              </strong>{' '}
              <bdi>{one.last_message?.text}</bdi>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
