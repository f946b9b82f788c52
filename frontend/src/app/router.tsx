import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { parseInboxSearch } from '~/inbox/list/filters';
import { ApiError } from '~/shared/api/client';
import { meQuery, queryClient } from '~/shared/api/queries';
import { loadWords } from '~/shared/i18n';
import { forgetKept, restoreKept } from '~/shared/realtime/kept';
import { useLive } from '~/shared/realtime/store';
import { NotFound } from './NotFound';
import { Shell } from './layout/Shell';
import { LoadFailed } from './LoadFailed';

/** Where almost everybody begins: its code comes while the gateway is asked who is signed in. */
const importInbox = () => import('~/inbox/InboxPage');
if (/^\/(inbox(\/|$)|$)/.test(location.pathname)) void importInbox();

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  component: lazyRouteComponent(() => import('~/auth/Login'), 'Login'),
  validateSearch: (search): { to?: string } =>
    typeof search.to === 'string' && /^\/(?![/\\])/.test(search.to) ? { to: search.to } : {},
});

/** Everything behind the sign-in. */
const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  beforeLoad: async ({ location }) => {
    try {
      const me = await queryClient.ensureQueryData(meQuery);
      useLive.setState({ me });
      return { me };
    } catch (cause) {
      if (cause instanceof ApiError && cause.status === 401) {
        await forgetKept();
        throw redirect({ to: '/login', search: { to: location.href } });
      }
      const me = cause instanceof ApiError && cause.transient ? await restoreKept() : null;
      if (!me) throw cause;
      return { me };
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

const inbox = createRoute({ getParentRoute: () => app, path: '/inbox', component: lazyRouteComponent(importInbox, 'InboxPage'), validateSearch: parseInboxSearch });
const conversation = createRoute({ getParentRoute: () => inbox, path: '$conversationId' });

const importLive = async () => {
  const [{ LivePage }] = await Promise.all([import('~/live/LivePage'), loadWords('live')]);
  return { LivePage };
};
const live = createRoute({
  getParentRoute: () => app,
  path: '/live',
  component: lazyRouteComponent(importLive, 'LivePage'),
  validateSearch: (search): { agent?: string; at?: string } => ({
    ...(typeof search.agent === 'string' && search.agent && { agent: search.agent }),
    ...(typeof search.at === 'string' && !Number.isNaN(Date.parse(search.at)) && { at: search.at }),
  }),
});

const importSettings = async () => {
  const [{ SettingsLayout }] = await Promise.all([import('~/settings/SettingsLayout'), loadWords('settings'), loadWords('desk'), loadWords('actions')]);
  return { SettingsLayout };
};
const settings = createRoute({
  getParentRoute: () => app,
  path: '/settings',
  component: lazyRouteComponent(importSettings, 'SettingsLayout'),
});
const settingsHome = createRoute({
  getParentRoute: () => settings,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/settings/profile' });
  },
});
const profile = createRoute({
  getParentRoute: () => settings,
  path: 'profile',
  component: lazyRouteComponent(() => import('~/settings/ProfilePage'), 'ProfilePage'),
});
const channels = createRoute({
  getParentRoute: () => settings,
  path: 'channels',
  component: lazyRouteComponent(() => import('~/settings/ChannelsPage'), 'ChannelsPage'),
});
const newChannel = createRoute({
  getParentRoute: () => settings,
  path: 'channels/new',
  component: lazyRouteComponent(() => import('~/settings/NewChannelPage'), 'NewChannelPage'),
});
const newWebsite = createRoute({
  getParentRoute: () => settings,
  path: 'channels/website',
  component: lazyRouteComponent(() => import('~/settings/NewWebsitePage'), 'NewWebsitePage'),
});
const authorized = createRoute({
  getParentRoute: () => settings,
  path: 'channels/authorized',
  component: lazyRouteComponent(() => import('~/settings/AuthorizedPage'), 'AuthorizedPage'),
  validateSearch: (search): { state?: string; code?: string; error?: string; error_description?: string } =>
    Object.fromEntries(['state', 'code', 'error', 'error_description'].filter((key) => search[key] !== undefined).map((key) => [key, String(search[key])])),
});
const channel = createRoute({
  getParentRoute: () => settings,
  path: 'channels/$channelId',
  component: lazyRouteComponent(() => import('~/settings/ChannelPage'), 'ChannelPage'),
});
const workspace = createRoute({
  getParentRoute: () => settings,
  path: 'workspace',
  component: lazyRouteComponent(() => import('~/settings/WorkspacePage'), 'WorkspacePage'),
});
const users = createRoute({
  getParentRoute: () => settings,
  path: 'users',
  component: lazyRouteComponent(() => import('~/settings/UsersPage'), 'UsersPage'),
});
const teams = createRoute({
  getParentRoute: () => settings,
  path: 'teams',
  component: lazyRouteComponent(() => import('~/settings/TeamsPage'), 'TeamsPage'),
});
const skills = createRoute({
  getParentRoute: () => settings,
  path: 'skills',
  component: lazyRouteComponent(() => import('~/settings/SkillsPage'), 'SkillsPage'),
});
const hours = createRoute({
  getParentRoute: () => settings,
  path: 'hours',
  component: lazyRouteComponent(() => import('~/settings/HoursPage'), 'HoursPage'),
});
const rules = createRoute({
  getParentRoute: () => settings,
  path: 'routing',
  component: lazyRouteComponent(() => import('~/settings/rules/RulesPage'), 'RulesPage'),
});
const levels = createRoute({
  getParentRoute: () => settings,
  path: 'service-levels',
  component: lazyRouteComponent(() => import('~/settings/sla/LevelsPage'), 'LevelsPage'),
});
const auto = createRoute({
  getParentRoute: () => settings,
  path: 'auto-messages',
  component: lazyRouteComponent(() => import('~/settings/auto/AutoMessagesPage'), 'AutoMessagesPage'),
});
const survey = createRoute({
  getParentRoute: () => settings,
  path: 'satisfaction',
  component: lazyRouteComponent(() => import('~/settings/survey/SurveyPage'), 'SurveyPage'),
});
const canned = createRoute({
  getParentRoute: () => settings,
  path: 'canned-replies',
  component: lazyRouteComponent(() => import('~/settings/desk/CannedPage'), 'CannedPage'),
});
const macros = createRoute({
  getParentRoute: () => settings,
  path: 'macros',
  component: lazyRouteComponent(() => import('~/settings/desk/MacrosPage'), 'MacrosPage'),
});
const labels = createRoute({
  getParentRoute: () => settings,
  path: 'labels',
  component: lazyRouteComponent(() => import('~/settings/desk/LabelsPage'), 'LabelsPage'),
});
const views = createRoute({
  getParentRoute: () => settings,
  path: 'views',
  component: lazyRouteComponent(() => import('~/settings/desk/ViewsPage'), 'ViewsPage'),
});
const keys = createRoute({
  getParentRoute: () => settings,
  path: 'keys',
  component: lazyRouteComponent(() => import('~/settings/KeysPage'), 'KeysPage'),
});
const deadLetters = createRoute({
  getParentRoute: () => settings,
  path: 'dead-letters',
  component: lazyRouteComponent(() => import('~/settings/DeadLettersPage'), 'DeadLettersPage'),
});

const tree = root.addChildren([
  home,
  login,
  app.addChildren([
    inbox.addChildren([conversation]),
    live,
    settings.addChildren([settingsHome, profile, keys, channels, newChannel, newWebsite, authorized, channel, workspace, users, teams, skills, rules, levels, auto, survey, hours, canned, macros, labels, views, deadLetters]),
  ]),
]);

export const router = createRouter({ routeTree: tree, defaultPreload: 'intent', scrollRestoration: false });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
