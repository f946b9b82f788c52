import { Button, TextInput } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import css from './Settings.module.css';

/** Something to be pasted elsewhere. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const { t } = useTranslation();
  const clipboard = useClipboard({ timeout: 2000 });
  return (
    <div className={css.copy}>
      <TextInput label={label} value={value} readOnly dir="ltr" onFocus={(event) => event.target.select()} />
      <Button variant="default" leftSection={clipboard.copied ? <IconCheck size={16} /> : <IconCopy size={16} />} onClick={() => clipboard.copy(value)}>
        {clipboard.copied ? t('action.copied') : t('action.copy')}
      </Button>
    </div>
  );
}
