import { ActionIcon } from '@mantine/core';
import { IconActivity, IconBolt, IconInbox, IconSettings } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useCounts, useUndoneCount } from '~/shared/api/queries';
import { formatNumber } from '~/shared/i18n/format';
import { maySupervise } from '~/shared/lib/health';
import { useLive, useMay } from '~/shared/realtime/store';
import { LanguageMenu, ThemeToggle } from '~/shared/ui/Preferences';
import { openOverlay } from '../overlays';
import { AccountMenu } from './AccountMenu';
import css from './Shell.module.css';

function RailLink({ to, label, children }: { to: '/inbox' | '/live' | '/settings'; label: string; children: ReactNode }) {
  return (
    <Link to={to} className={css.link}>
      <span className="visually-hidden">{label}</span>
      <span className={css.tip} aria-hidden>{label}</span>
      {children}
    </Link>
  );
}

export function Rail() {
  const { t } = useTranslation();
  const unread = useCounts().data?.unread ?? 0;
  const role = useLive((s) => s.me?.user.role) ?? 'agent';
  const live = useMay('floor.watch');
  const dead = useUndoneCount(maySupervise(role));
  return (
    <nav className={css.rail} aria-label={t('nav.main')}>
      <RailLink to="/inbox" label={t('nav.inbox')}>
        <IconInbox size={22} stroke={1.6} />
        {unread > 0 && <span className={css.badge} dir="ltr">{unread > 99 ? '99+' : formatNumber(unread)}</span>}
      </RailLink>
      {live && (
        <RailLink to="/live" label={t('nav.live')}>
          <IconActivity size={22} stroke={1.6} />
        </RailLink>
      )}
      <RailLink to="/settings" label={t('nav.settings')}>
        <IconSettings size={22} stroke={1.6} />
        {dead > 0 && (
          <span className={css.badge} data-tone="danger" data-testid="dead-badge">
            <span aria-hidden dir="ltr">{dead > 99 ? '99+' : formatNumber(dead)}</span>
            <span className="visually-hidden">{t('nav.dead', { count: dead })}</span>
          </span>
        )}
      </RailLink>
      <span className={css.gap} />
      <ActionIcon aria-label={t('palette.title')} title={t('palette.title')} onClick={() => openOverlay('palette')} data-testid="palette-open">
        <IconBolt size={20} stroke={1.6} />
      </ActionIcon>
      <span className={css.wideOnly}>
        <LanguageMenu />
        <ThemeToggle />
      </span>
      <AccountMenu />
    </nav>
  );
}
