import { Button } from '@mantine/core';
import { IconEyeOff } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '~/shared/api/types';
import { Whisper } from './Whisper';
import css from './Live.module.css';

/** In the place of the composer while a conversation is watched silently. */
export function WatchBar({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation('live');
  const navigate = useNavigate();
  return (
    <div className={css.watch} data-testid="watch-bar">
      <IconEyeOff size={20} stroke={1.7} aria-hidden />
      <p>
        <strong>{t('watch.title')}</strong> {t('watch.text')}
      </p>
      <Whisper conversation={conversation} />
      <Button variant="default" onClick={() => void navigate({ to: '.', search: (s) => ({ ...s, watch: undefined }), replace: true })} data-testid="watch-join">
        {t('watch.join')}
      </Button>
    </div>
  );
}
