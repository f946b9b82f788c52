import type { Conversation, Message } from '~/shared/api/types';

/** A moment n seconds into the sample day. */
export const at = (seconds: number) => new Date(Date.UTC(2026, 10, 22, 9, 0, seconds)).toISOString();

export function conversation(id: string, change: Partial<Conversation> = {}): Conversation {
  return {
    id, contact: { id: `con_${id}`, name: 'Noa Levi', avatar_url: '' }, channel_id: 'chn_1', channel_kind: 'whatsapp', address: null, status: 'open', type: '', type_source: '', type_confidence: 0, type_reason: '', sentiment: '', language: '', priority: 'none', labels: [], assignee_id: null,
    team_id: null, last_message: null, last_activity_at: at(0), unread_count: 0, window: { open: true, closes_at: null, human_closes_at: null }, opted_out_at: null, snoozed_until: null,
    created_at: at(0), updated_at: at(0), inbound_count: 1, waiting_since: null, sla: [], participants: [], ...change,
  };
}

export function message(id: string, change: Partial<Message> = {}): Message {
  return {
    id, conversation_id: 'c1', channel_id: 'chn_1', contact_id: 'con_c1', direction: 'in', type: 'text', text: id, attachments: [], status: 'received',
    error: null, author: { type: 'contact', id: 'con_c1', name: 'Noa Levi' }, provider_id: '', client_id: '', reply_to: null, reactions: [], sent_at: at(0), seq: 0, arrived: 0, send_at: null, cancel_if_answered: false, created_at: at(0), version: 1, ...change,
  };
}
