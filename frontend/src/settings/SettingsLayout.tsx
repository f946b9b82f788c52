import { IconBuilding, IconClockHour4, IconInboxOff, IconKeyboard, IconLayoutList, IconMessage2Share, IconMessageBolt, IconPlugConnected, IconRoute, IconSchool, IconStar, IconTags, IconTargetArrow, IconUser, IconUsers, IconUsersGroup, IconWand } from '@tabler/icons-react';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useUndoneCount } from '~/shared/api/queries';
import { formatNumber } from '~/shared/i18n/format';
import { mainId, useKeptFocus } from '~/shared/lib/focus';
import { lettersHere } from '~/shared/lib/keys';
import { useLive } from '~/shared/realtime/store';
import css from './Settings.module.css';

/** Which roles see which page; the gateway checks again. */
const supervisors = ['owner', 'admin', 'supervisor'];
const admins = ['owner', 'admin'];

export function SettingsLayout() {
  const { t } = useTranslation(['settings', 'desk']);
  const role = useLive((s) => s.me?.user.role) ?? 'agent';
  const dead = useUndoneCount(supervisors.includes(role));
  // On a phone the pages stand in a row that scrolls: the one that is open is to be seen.
  const nav = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  useEffect(() => void nav.current?.querySelector('[aria-current="page"]')?.scrollIntoView({ block: 'nearest', inline: 'center' }), [pathname]);
  useKeptFocus(pathname);
  return (
    <div className={css.layout}>
      <nav ref={nav} className={css.nav} aria-label={t('title')}>
        <h1>{t('title')}</h1>
        <Link to="/settings/profile">
          <IconUser size={18} stroke={1.7} aria-hidden />
          {t('profile.title')}
        </Link>
        <Link to="/settings/keys">
          <IconKeyboard size={18} stroke={1.7} aria-hidden />
          {t('keysPage')}
        </Link>
        <Link to="/settings/canned-replies">
          <IconMessage2Share size={18} stroke={1.7} aria-hidden />
          {t('desk:canned.title')}
        </Link>
        <Link to="/settings/macros">
          <IconWand size={18} stroke={1.7} aria-hidden />
          {t('desk:macro.title')}
        </Link>
        <Link to="/settings/views">
          <IconLayoutList size={18} stroke={1.7} aria-hidden />
          {t('desk:views.title')}
        </Link>
        <Link to="/settings/labels">
          <IconTags size={18} stroke={1.7} aria-hidden />
          {t('desk:label.title')}
        </Link>
        {supervisors.includes(role) && (
          <Link to="/settings/channels">
            <IconPlugConnected size={18} stroke={1.7} aria-hidden />
            {t('channels.title')}
          </Link>
        )}
        {admins.includes(role) && (
          <Link to="/settings/workspace">
            <IconBuilding size={18} stroke={1.7} aria-hidden />
            {t('workspace.title')}
          </Link>
        )}
        {admins.includes(role) && (
          <Link to="/settings/users">
            <IconUsers size={18} stroke={1.7} aria-hidden />
            {t('users.title')}
          </Link>
        )}
        {admins.includes(role) && (
          <Link to="/settings/teams">
            <IconUsersGroup size={18} stroke={1.7} aria-hidden />
            {t('teams.title')}
          </Link>
        )}
        {admins.includes(role) && (
          <Link to="/settings/skills">
            <IconSchool size={18} stroke={1.7} aria-hidden />
            {t('skills.title')}
          </Link>
        )}
        {supervisors.includes(role) && (
          <Link to="/settings/routing">
            <IconRoute size={18} stroke={1.7} aria-hidden />
            {t('rules.title')}
          </Link>
        )}
        {supervisors.includes(role) && (
          <Link to="/settings/service-levels">
            <IconTargetArrow size={18} stroke={1.7} aria-hidden />
            {t('sla.title')}
          </Link>
        )}
        {supervisors.includes(role) && (
          <Link to="/settings/auto-messages">
            <IconMessageBolt size={18} stroke={1.7} aria-hidden />
            {t('auto.title')}
          </Link>
        )}
        {supervisors.includes(role) && (
          <Link to="/settings/satisfaction">
            <IconStar size={18} stroke={1.7} aria-hidden />
            {t('survey.title')}
          </Link>
        )}
        {admins.includes(role) && (
          <Link to="/settings/hours">
            <IconClockHour4 size={18} stroke={1.7} aria-hidden />
            {t('hours.title')}
          </Link>
        )}
        {supervisors.includes(role) && (
          <Link to="/settings/dead-letters">
            <IconInboxOff size={18} stroke={1.7} aria-hidden />
            {t('dead.title')}
            {dead > 0 && <span className={css.count}>{dead > 99 ? '99+' : formatNumber(dead)}</span>}
          </Link>
        )}
      </nav>
      <main className={css.page} id={mainId} tabIndex={-1} {...lettersHere}>
        <Outlet />
      </main>
    </div>
  );
}
