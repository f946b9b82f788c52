import { Outlet } from '@tanstack/react-router';
import { ConnectionBanner } from './ConnectionBanner';
import { Rail } from './Rail';
import css from './Shell.module.css';
import { useLiveApp } from './useLiveApp';

export function Shell() {
  useLiveApp();
  return (
    <div className={css.shell}>
      <Rail />
      <div className={css.content}>
        <ConnectionBanner />
        <Outlet />
      </div>
    </div>
  );
}
