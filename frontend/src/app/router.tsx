import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { Login } from '~/auth/Login';
import { InboxPage } from '~/inbox/InboxPage';
import { parseInboxSearch } from '~/inbox/list/filters';
import { ApiError } from '~/shared/api/client';
import { meQuery, queryClient } from '~/shared/api/queries';
import { NotFound } from './NotFound';
import { Shell } from './layout/Shell';
import { LoadFailed } from './LoadFailed';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  component: Login,
  validateSearch: (search): { to?: string } =>
    typeof search.to === 'string' && /^\/(?![/\\])/.test(search.to) ? { to: search.to } : {},
});

/** Everything behind the sign-in. */
const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  beforeLoad: async ({ location }) => {
    try {
      return { me: await queryClient.ensureQueryData(meQuery) };
    } catch (cause) {
      if (cause instanceof ApiError && cause.status === 401) throw redirect({ to: '/login', search: { to: location.href } });
      throw cause;
    }
  },
  component: Shell,
  errorComponent: LoadFailed,
});

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/inbox' });
  },
});

const inbox = createRoute({ getParentRoute: () => app, path: '/inbox', component: InboxPage, validateSearch: parseInboxSearch });
const conversation = createRoute({ getParentRoute: () => inbox, path: '$conversationId' });

const settings = createRoute({
  getParentRoute: () => app,
  path: '/settings',
  component: lazyRouteComponent(() => import('~/settings/SettingsPage'), 'SettingsPage'),
});

const tree = root.addChildren([home, login, app.addChildren([inbox.addChildren([conversation]), settings])]);

export const router = createRouter({ routeTree: tree, defaultPreload: 'intent', scrollRestoration: false });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
