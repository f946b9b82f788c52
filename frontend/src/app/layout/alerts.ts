/** Which of the things that just happened deserve to be heard or seen from another window. Pure. */
import type { AppNotification, EventFrame, SignalFrame } from '~/shared/api/frames';
import type { Conversation } from '~/shared/api/types';
import type { NotifyPrefs } from '~/shared/notify/prefs';

export interface Alert {
  kind: 'message' | 'notice' | 'offered';
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
  prefs: NotifyPrefs;
  now: number;
}

/** What is caught up after a break is in the list already; only fresh news ring. */
const fresh = 60_000;

/** The kinds of notices that are heard: those about one's own work. */
const work = new Set(['assigned', 'sla_warning', 'sla_breached']);

export function alertsOf(frames: (EventFrame | SignalFrame)[], scene: Scene): Alert[] {
  const alerts: Alert[] = [];
  for (const frame of frames) {
    if (!('at' in frame) || scene.now - Date.parse(frame.at) > fresh) continue;
    if (frame.type === 'message.created' && frame.data.direction === 'in' && frame.data.type !== 'system') {
      const conversation = scene.conversation(frame.data.conversation_id);
      // What waits in a team's queue is offered or assigned to somebody, and rings there.
      const nobodys = !conversation?.assignee_id && !conversation?.team_id;
      const mine = nobodys || conversation?.assignee_id === scene.myId;
      if (scene.looking === frame.data.conversation_id || (scene.prefs.sound !== 'all' && !mine)) continue;
      alerts.push({ kind: 'message', conversationId: frame.data.conversation_id, name: conversation?.contact.name || frame.data.author.name, text: frame.data.text });
    }
    if (frame.type === 'assignment.offered' && frame.data.agent_id === scene.myId) {
      const { conversation_id: conversationId } = frame.data;
      alerts.push({ kind: 'offered', conversationId, name: scene.conversation(conversationId)?.contact.name ?? '', text: '' });
    }
    if (frame.type === 'notification.created' && frame.data.conversation_id && work.has(frame.data.kind)) {
      const { conversation_id: conversationId } = frame.data;
      alerts.push({ kind: 'notice', conversationId, name: scene.conversation(conversationId)?.contact.name ?? '', text: '', notice: frame.data });
    }
  }
  return alerts;
}
