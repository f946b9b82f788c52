/** What goes over the live socket, as one union told apart by `type`. The data of an event is what REST shows of the same thing. */
import type { components } from './schema.gen';
import type { Activity, BoardAgent, Channel, Contact, Conversation, Job, Message, Presence, Queue, Reminder, Team } from './types';

/** Something for people to know, wherever they are in the app. */
export interface AppNotification {
  id: string;
  kind: string;
  title: string;
  detail: string;
  severity: 'info' | 'warning' | 'critical';
  channel_id?: string;
  conversation_id?: string;
  /** Of a conversation that was given to somebody. */
  priority?: string;
  /** Which of its service levels it is about. */
  metric?: 'first_answer' | 'next_answer' | 'resolution';
  /** Since when the customer waits. */
  since?: string;
  /** When what is promised is due, or was. */
  due_at?: string;
}

/** Who is offered which conversation, and until when. */
export interface OfferData {
  conversation_id: string;
  team_id: string;
  agent_id: string;
  until: string;
}

/** What agents keep to be fast: each is loaded anew where it is shown. */
type DeskData = { [T in `${'canned_reply' | 'label' | 'macro' | 'view'}.${'created' | 'updated' | 'deleted'}`]: { id: string } };

/** The data of each event, by type. */
interface EventData extends DeskData {
  'message.created': Message;
  'message.updated': Message;
  'conversation.created': Conversation;
  'conversation.updated': Conversation;
  'contact.created': Contact;
  'contact.updated': Contact;
  'contact.merged': Contact & { absorbed_id: string; merge_id: string };
  'agent.updated': Presence;
  'assignment.offered': OfferData;
  'assignment.offer_over': OfferData;
  'assignment.changed': { conversation_id: string; assignee_id: string | null; team_id: string | null; by: string };
  'queue.updated': Queue;
  'board.updated': { agents: BoardAgent[]; gone: string[] };
  'channel.updated': Channel;
  'team.created': Team;
  'team.updated': Team;
  'team.deleted': Team;
  'job.updated': Job;
  'dead_letters.changed': { count: number };
  'activity.created': Activity;
  'reminder.created': Reminder;
  'reminder.deleted': Reminder;
  'notification.created': AppNotification;
}

/** The data of each signal, by type. */
interface SignalData {
  typing: { conversation_id: string; user_id: string | null; typing: boolean };
  viewing: { conversation_id: string; user_id: string; viewing: boolean };
  /** Who writes an answer, and what; user_id null: nobody any more. */
  lock: components['schemas']['LockView'];
  /** How many conversations are in each of this person's views. */
  'view.counts': { items: components['schemas']['CountView'][] };
}

/** Where a frame stands in the workspace's stream. */
interface Numbered {
  seq: number;
  epoch: string;
  at: string;
}

/** An event is numbered, and replayed after a reconnect. */
export type EventFrame = { [T in keyof EventData]: Numbered & { type: T; data: EventData[T] } }[keyof EventData];

/** A signal lives only while it is true. */
export type SignalFrame = { [T in keyof SignalData]: { type: T; data: SignalData[T] } }[keyof SignalData];

/** The first frame of a connection, and again when this person's rights change: resumed false asks for everything to be loaded anew. */
export type HelloFrame = Numbered & { type: 'hello'; data: { resumed: boolean } };

export type Frame = HelloFrame | EventFrame | SignalFrame | { type: 'pong' };

/** What the app may send. */
export type ClientFrame =
  | { type: 'typing'; data: { conversation_id: string; typing: boolean } }
  | { type: 'viewing'; data: { conversation_id: string | null } }
  | { type: 'visible'; data: { visible: boolean } }
  | { type: 'ping' };
