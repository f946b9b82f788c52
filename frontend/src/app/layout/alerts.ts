/** Which of the things that just happened deserve to be heard or seen from another window. Pure. */
import type { AppNotification, EventFrame, SignalFrame } from '~/shared/api/frames';
import type { Conversation, NotifySettings } from '~/shared/api/types';
import { isQuiet } from '~/shared/notify/settings';

export interface Alert {
  /** The same in every tab. */
  id: string;
  kind: 'message' | 'notice' | 'offered';
  sound: boolean;
  desktop: boolean;
  conversationId: string;
  name: string;
  text: string;
  notice?: AppNotification;
}

interface Scene {
  myId: string;
  /** The conversation that is on screen in a focused window; '' when none is. */
  looking: string;
  conversation: (id: string) => Conversation | undefined;
  settings: NotifySettings;
  now: number;
}

/** What is caught up after a break is in the list already; only fresh news ring. */
const fresh = 60_000;

/** The ways in which somebody is told of a kind of notice. */
export function waysOf({ events }: NotifySettings, kind: string): NotifySettings['events']['other'] {
  const own = kind === 'assigned' || kind === 'mention' || kind === 'waiting' || kind === 'reminder' || kind === 'sla_warning' || kind === 'sla_breached' ? events[kind] : undefined;
  return own ?? events.other;
}

/** What is on screen is among them, to be neither heard nor seen: it is told of, and other tabs are to know that. */
export function alertsOf(frames: (EventFrame | SignalFrame)[], scene: Scene): Alert[] {
  const alerts: Alert[] = [];
  const { settings } = scene;
  const quiet = isQuiet(settings.quiet_hours, scene.now);
  const add = (alert: Omit<Alert, 'name' | 'sound' | 'desktop'>, ways: { sound: boolean; desktop: boolean }, name = '') => {
    const still = quiet || (scene.looking !== '' && scene.looking === alert.conversationId);
    alerts.push({ ...alert, name: scene.conversation(alert.conversationId)?.contact.name || name, sound: ways.sound && !still, desktop: ways.desktop && !still });
  };
  for (const frame of frames) {
    if (!('at' in frame) || scene.now - Date.parse(frame.at) > fresh) continue;
    if (frame.type === 'message.created' && frame.data.direction === 'in' && frame.data.type !== 'system') {
      const { id, conversation_id: conversationId, author, text } = frame.data;
      const conversation = scene.conversation(conversationId);
      // What waits in a team's queue is offered or assigned to somebody, and rings there.
      const nobodys = !conversation?.assignee_id && !conversation?.team_id;
      if (settings.messages === 'all' || nobodys || conversation?.assignee_id === scene.myId) add({ id, kind: 'message', conversationId, text }, settings.events.message, author.name);
    }
    if (frame.type === 'assignment.offered' && frame.data.agent_id === scene.myId) {
      const { conversation_id: conversationId, until } = frame.data;
      add({ id: `${conversationId} ${until}`, kind: 'offered', conversationId, text: '' }, settings.events.offered);
    }
    if (frame.type === 'notification.created') {
      add({ id: frame.data.id, kind: 'notice', conversationId: frame.data.conversation_id ?? '', text: '', notice: frame.data }, waysOf(settings, frame.data.kind));
    }
  }
  return alerts;
}
