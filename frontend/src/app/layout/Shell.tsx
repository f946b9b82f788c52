import { Outlet } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { loadWords } from '~/shared/i18n';
import { mainId } from '~/shared/lib/focus';
import { useActionKeys, useActions } from '~/shared/actions/actions';
import { useOffers } from '~/routing/offers';
import { Lazily } from '~/shared/ui/Lazily';
import { openOverlay, typeAhead, useOverlay } from '../overlays';
import { ConnectionBanner } from './ConnectionBanner';
import { FirstSound } from './FirstSound';
import { HealthBanner } from './HealthBanner';
import { Rail } from './Rail';
import css from './Shell.module.css';
import { useGo } from './useGo';
import { useLiveApp } from './useLiveApp';
import { useNotifications } from './useNotifications';

const Palette = lazy(async () => {
  const [{ Palette: shown }] = await Promise.all([import('../palette/Palette'), loadWords('desk'), loadWords('actions')]);
  return { default: shown };
});
const HelpSheet = lazy(async () => ({ default: (await Promise.all([import('../palette/HelpSheet'), loadWords('actions')]))[0].HelpSheet }));
const OfferCards = lazy(() => import('~/routing/OfferCards').then((m) => ({ default: m.OfferCards })));
const NewCustomer = lazy(() => import('~/inbox/customer/NewCustomer').then((m) => ({ default: m.NewCustomer })));
const TransferDialog = lazy(async () => ({ default: (await Promise.all([import('~/inbox/header/TransferDialog'), loadWords('finish')]))[0].TransferDialog }));
const ClosingDialog = lazy(async () => ({ default: (await Promise.all([import('~/inbox/header/ClosingDialog'), loadWords('finish')]))[0].ClosingDialog }));

export function Shell() {
  const { t } = useTranslation();
  const overlay = useOverlay((s) => s.open);
  const offered = useOffers((s) => s.offers.length > 0);
  useLiveApp();
  useNotifications();
  useGo();
  useActionKeys();
  useActions({ palette: () => openOverlay('palette'), help: () => openOverlay('help'), newCustomer: () => openOverlay('customer') });
  useEffect(() => {
    window.addEventListener('keydown', typeAhead, { capture: true });
    return () => window.removeEventListener('keydown', typeAhead, { capture: true });
  }, []);
  return (
    <div className={css.shell}>
      <a className={css.skip} href={`#${mainId}`}>
        {t('app.skip')}
      </a>
      <Rail />
      <div className={css.content}>
        <ConnectionBanner />
        <HealthBanner />
        <FirstSound />
        <Outlet />
      </div>
      <Lazily wanted={offered}>
        <OfferCards />
      </Lazily>
      <Suspense>
        {overlay === 'palette' && <Palette />}
        {overlay === 'help' && <HelpSheet />}
        {overlay === 'customer' && <NewCustomer />}
        {overlay === 'transfer' && <TransferDialog />}
        {overlay === 'closing' && <ClosingDialog />}
      </Suspense>
    </div>
  );
}
