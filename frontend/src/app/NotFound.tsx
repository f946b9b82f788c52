import { Button } from '@mantine/core';
import { IconMap2 } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '~/shared/ui/States';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <EmptyState
      icon={<IconMap2 size={28} stroke={1.5} />}
      title={t('page.notFound')}
      text={t('page.notFoundText')}
      action={
        <Button component={Link} to="/inbox">
          {t('page.toInbox')}
        </Button>
      }
    />
  );
}
