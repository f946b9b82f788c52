/** A small workspace in three languages, as the gateway would show it. */
import type { Activity, ActivityActor, Agent, Board, Channel, Contact, DeadLetter, FailedMessage, Health, Lifeline, Conversation, Me, Message, Team, User } from '../src/shared/api/types';

export const now = Date.parse('2026-11-22T09:30:00.000Z');
export const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();

export const users: User[] = [
  { id: 'usr_1', name: 'Dana Cohen', email: 'dana@example.com', role: 'owner', active: true, language: '' },
  { id: 'usr_2', name: 'Omar Haddad', email: 'omar@example.com', role: 'agent', active: true, language: '' },
  { id: 'usr_3', name: 'יעל מזרחי', email: 'yael@example.com', role: 'supervisor', active: true, language: '' },
];

/** How a team's work is given to its members where nobody has said anything else. */
export const usualWork = { closing: {}, strategy: 'least_loaded', hand_over: 'direct', offer_seconds: 30, sticky: 'none', overflow: [] } satisfies Partial<Team>;

export const teams: Team[] = [
  { ...usualWork, id: 'tem_1', name: 'Support', member_ids: ['usr_2', 'usr_3'], version: 3 },
  { ...usualWork, id: 'tem_2', name: 'צוות מכירות', member_ids: ['usr_1'], version: 1 },
  { ...usualWork, id: 'tem_3', name: 'فريق المساء', member_ids: [], version: 1 },
];

const agent = (user_id: string, name: string, state: Agent['state'], more: Partial<Agent> = {}): Agent => ({
  user_id, name, state, reason: '', since: ago(35), load: 0, load_by_kind: {}, capacity: { total: 10 }, team_ids: [], skills: [], today: { day: '2026-11-22', given: 0, resolved: 0 }, ...more,
});

export const agents: Agent[] = [
  agent('usr_1', 'Dana Cohen', 'online', { team_ids: ['tem_2'], load: 3 }), agent('usr_2', 'Omar Haddad', 'busy', { team_ids: ['tem_1'], reason: 'ארוחת צהריים' }), agent('usr_3', 'יעל מזרחי', 'offline'),
];

export const me: Me = { user: users[0] as User, signatures: { everywhere: '', channels: {} }, keys: {}, workspace: { id: 'wsp_1', name: 'Demo Store', country: '', push_customers: false, assign_on_reply: false, thanks_reopen: false, remind_waiting_minutes: 0 }, permissions: ['conversation.view_all', 'floor.watch'] };

const capabilities: Channel['capabilities'] = {
  window_seconds: 86_400, human_window_seconds: 0, text_max: 4096, text_bytes: 0, caption_max: 1024,
  media: [
    { kind: 'image', mime: ['image/jpeg', 'image/png'], max_bytes: 5_000_000, no_caption: false },
    { kind: 'document', mime: ['application/pdf'], max_bytes: 100_000_000, no_caption: false },
  ],
  templates: true,
  interactive: { buttons: 3, button_title_max: 20, rows: 10, row_title_max: 24, row_text_max: 72, section_title_max: 24, body_max: 1024, header_max: 60, footer_max: 60, link: true, location_request: true, contact_request: true },
  location: true, contacts: true, reactions: true, reaction_set: [], replies: true, read_receipts: true, typing: true, format: 'whatsapp', files_max: 1, mail: false, segments: false,
};

const health = (minutes: number, more: Partial<Health> = {}): Health => ({
  state: 'ok', problem: null, last_inbound_at: ago(minutes), last_outbound_at: ago(minutes + 2), last_webhook_at: ago(minutes), last_error: null, refused_webhooks: 0, last_refused_at: null,
  lag_seconds: 0, waiting: 0, usual_gap_seconds: 150, silent_since: null, token_ends_at: null, import: null, ...more,
});

const expired = { code: 'token_invalid', title: "The channel's access token is no longer valid", detail: 'Create a new permanent token in the business settings and paste it here.' };

export const channels: Channel[] = [
  { id: 'chn_1', kind: 'whatsapp', name: 'Sales line', status: 'active', error: null, webhook_url: 'https://inbox.example.com/webhooks/whatsapp/chn_1', account: '+972 3-555-0100', capabilities, api_base_url: '', settings: {}, created_at: ago(90_000), last_inbound_at: ago(1), health: health(1) },
  { id: 'chn_2', kind: 'whatsapp', name: 'تواصل الدعم', status: 'error', error: expired, webhook_url: 'https://inbox.example.com/webhooks/whatsapp/chn_2', account: '+971 4 555 0100', capabilities, api_base_url: '', settings: {}, created_at: ago(90_000), last_inbound_at: ago(300), health: health(300, { refused_webhooks: 14, last_refused_at: ago(33), state: 'stopped', problem: expired, last_error: { ...expired, at: ago(12) } }) },
  { id: 'chn_3', kind: 'whatsapp', name: 'קו תמיכה', status: 'active', error: null, webhook_url: 'https://inbox.example.com/webhooks/whatsapp/chn_3', account: '+972 3-555-0102', capabilities, api_base_url: '', settings: {}, created_at: ago(90_000), last_inbound_at: ago(190), health: health(190, { state: 'silent', silent_since: ago(190), problem: { code: 'silent', title: 'No message for an unusually long time', detail: '' } }) },
];

export const board: Board = {
  at: ago(0),
  queues: [
    { team_id: 'tem_1', length: 0, oldest_at: null, by_priority: {}, service_level: 0.97 },
    { team_id: 'tem_2', length: 4, oldest_at: ago(12), by_priority: { high: 1, none: 3 }, service_level: 0.74 },
    { team_id: 'tem_3', length: 2, oldest_at: ago(2), by_priority: { none: 2 }, service_level: null },
  ],
  agents: agents.map((one, n) => ({ ...one, conversations: n === 0 ? [{ id: 'cnv_1', kind: 'whatsapp' as const, team_id: 'tem_2', since: ago(6), offered: false }] : [] })),
  channels: channels.map(({ id, name, kind, health: { state, lag_seconds, last_inbound_at } }) => ({ id, name, kind, health: state, lag_seconds, last_inbound_at })),
};

const names = ['Noa Levi', 'David Miller', 'يوسف أحمد', 'יוסי ברק', 'Emma Brown', 'מאיה כהן', 'سارة خليل', 'Tom Becker', 'أحمد حداد', '+972 52-765-4321'];
const texts = [
  'היי, מתי המשלוח אמור להגיע? מספר הזמנה #48213',
  'Call me at +972 50-123-4567 after 17:00 please',
  'دفعت 350.500 د.إ أمس عبر Apple Pay لكن الفاتورة INV-2026-00871 ما زالت غير مدفوعة. هل يمكنكم التحقق؟',
  'שילמתי ₪1,249.90 אתמול דרך Bit אבל בחשבונית INV-2026-00871 עדיין כתוב לא שולם. אפשר לבדוק?',
  'The replacement part (model XR-200/B) does not fit. I attached two photos and the serial number. Please advise whether I should send it back to the Haifa branch or wait for the technician on Sunday between 09:00–13:00.',
  'תודה רבה 🙏',
  'القطعة البديلة (موديل XR-200/B) غير مناسبة',
  'Hi, is order #48213 on its way?',
  'اتصلوا بي على +971 50 123 4567 بعد الساعة 17:00',
  'ok',
];

const at = <T>(list: readonly T[], i: number): T => list[i % list.length] as T;

export const conversations: Conversation[] = Array.from({ length: 60 }, (_, i) => {
  const out = i % 4 === 0;
  return {
    id: `cnv_${i}`,
    contact: { id: `con_${i}`, name: at(names, i), avatar_url: '' },
    channel_id: i % 5 === 3 ? 'chn_2' : 'chn_1',
    channel_kind: 'whatsapp',
    address: null,
    opted_out_at: null,
    status: i % 9 === 7 ? 'pending' : 'open',
    type: '', type_source: '', type_confidence: 0, type_reason: '', sentiment: '', language: '',
    priority: i === 2 ? 'urgent' : i === 5 ? 'high' : 'none',
    labels: i % 6 === 0 ? ['VIP'] : [],
    assignee_id: i % 3 === 0 ? 'usr_1' : i % 3 === 1 ? null : 'usr_2',
    team_id: i === 3 || i === 4 ? 'tem_1' : null,
    last_message: {
      id: `msg_${i}_last`, type: i === 6 ? 'media' : i === 8 ? 'note' : 'text', direction: out || i === 8 ? 'out' : 'in',
      text: i === 6 ? '' : at(texts, i), at: ago(i * 7), status: out ? at(['read', 'delivered', 'failed', 'sent'] as const, i / 4) : 'received',
      author: out || i === 8 ? { type: 'agent', id: i === 4 ? 'usr_1' : 'usr_2', name: i === 4 ? 'Dana Cohen' : 'Omar Haddad' } : { type: 'contact', id: `con_${i}`, name: at(names, i) },
      attachment_kind: i === 6 ? 'image' : undefined, version: 1,
    },
    last_activity_at: ago(i * 7),
    unread_count: i % 4 === 1 ? (i % 12) + 1 : 0,
    window: { open: true, closes_at: ago(-600), human_closes_at: null },
    snoozed_until: null,
    created_at: ago(50_000),
    updated_at: ago(i * 7),
    inbound_count: 5, waiting_since: i % 4 === 1 ? ago(i * 7 + 3) : null, sla: [],
    participants: ['usr_1'],
  };
});

export const contactOf = (id: string): Contact => {
  const i = Number(id.slice(4));
  return {
    id, name: at(names, i), avatar_url: '', merged_from: [], no_marketing: false, phones: ['+972 50-123-4567'], emails: ['noa.levi@example.co.il'], tags: i % 6 === 0 ? ['VIP'] : [], fields: {}, created_at: ago(80_000),
    identities: [{ kind: 'wa_id', channel_id: i % 5 === 3 ? 'chn_2' : 'chn_1', value: '972501234567', display: '+972 50-123-4567', typed: false }],
  };
};

export function messagesOf(conversationId: string, count = 60): Message[] {
  const conversation = conversations.find((c) => c.id === conversationId) ?? (conversations[0] as Conversation);
  return Array.from({ length: count }, (_, n): Message => {
    const i = count - n;
    const out = i % 3 === 0;
    return {
      id: `msg_${conversationId.slice(4)}_${String(i).padStart(5, '0')}`, conversation_id: conversationId, channel_id: conversation.channel_id, contact_id: conversation.contact.id,
      direction: out ? 'out' : 'in', type: i === count - 4 ? 'note' : 'text', text: at(texts, i), attachments: [],
      status: out ? (i > count - 2 ? 'delivered' : 'read') : 'received', error: null, client_id: out ? `c-${conversationId}-${i}` : '',
      author: out ? { type: 'agent', id: 'usr_2', name: 'Omar Haddad' } : { type: 'contact', id: conversation.contact.id, name: conversation.contact.name },
      provider_id: '', reply_to: null, reactions: [], seq: 0, arrived: 0, send_at: null, cancel_if_answered: false, sent_at: ago((count - i) * 3), created_at: ago((count - i) * 3), version: 1,
    };
  });
}

export const deadLetters: DeadLetter[] = [
  {
    id: 'job_1', kind: 'inbound', channel_id: 'chn_1', conversation_id: '', ref: '', reason: 'not_understood', error: 'messages[0].type is not known: "hologram"', attempts: 1,
    body: '{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"field":"messages","value":{"messages":[{"type":"hologram"}]}}]}]}',
    body_size: 2_480_000, created_at: ago(40), failed_at: ago(40),
  },
  { id: 'job_2', kind: 'media', channel_id: 'chn_1', conversation_id: 'cnv_6', ref: '', reason: 'gave_up', error: 'the provider does not answer', attempts: 30, body: '', body_size: 0, created_at: ago(400), failed_at: ago(90) },
];

const failedOf = (i: number, minutes: number, more: Partial<Message>): FailedMessage => {
  const conversation = conversations[i] as Conversation;
  const message = messagesOf(conversation.id).find((m) => m.direction === 'out') as Message;
  return { message: { ...message, status: 'failed', ...more }, contact: conversation.contact, failed_at: ago(minutes) };
};

export const failedMessages: FailedMessage[] = [
  failedOf(2, 4, { id: 'msg_f1', text: 'الدرس القادم يوم الأحد الساعة 19:00', error: { code: 'not_reachable', title: 'The customer cannot be reached', detail: '' } }),
  failedOf(0, 12, { id: 'msg_f2', text: 'Your order #48213 leaves today', status: 'unknown', error: { code: 'unknown_outcome', title: '', detail: '' } }),
  failedOf(3, 55, { id: 'msg_f3', text: 'השיעור הבא ביום ראשון ב־19:00', error: { code: 'opted_out', title: 'The customer opted out', detail: '' } }),
];

const after = (minutes: number, ms: number) => new Date(now - minutes * 60_000 + ms).toISOString();

export const lifelines: Record<'in' | 'out', Lifeline> = {
  in: {
    message_id: 'm', channel_id: 'chn_1', direction: 'in', status: 'received',
    steps: [
      { step: 'written', at: ago(8), by: { type: 'contact', id: 'con_0', name: 'Noa Levi' } },
      { step: 'received', at: after(8, 640) }, { step: 'durable', at: after(8, 643) }, { step: 'stored', at: after(8, 649) }, { step: 'shown', at: null },
      { step: 'seen', at: after(8, 95_000), by: { type: 'agent', id: 'usr_2', name: 'Omar Haddad' } },
      { step: 'seen', at: null, by: { type: 'agent', id: 'usr_3', name: 'יעל מזרחי' } },
    ],
  },
  out: {
    message_id: 'm', channel_id: 'chn_1', direction: 'out', status: 'read',
    steps: [
      { step: 'queued', at: ago(7), by: { type: 'agent', id: 'usr_1', name: 'Dana Cohen' } }, { step: 'sending', at: after(7, 12) },
      { step: 'waiting', at: after(7, 400), came_at: after(7, 21_400), code: 'rate_limited', detail: 'Too fast', more: 3 },
      { step: 'sending', at: after(7, 85_400) }, { step: 'accepted', at: after(7, 85_900) },
      { step: 'delivered', at: after(7, 87_000), came_at: after(7, 87_800) }, { step: 'read', at: after(7, 200_000), came_at: after(7, 200_600) },
    ],
  },
};

const request = { kind: 'request', id: '', depth: 0 } as const;
const dana: ActivityActor = { kind: 'user', id: 'usr_1', name: 'Dana Cohen', cause: request };
const yael: ActivityActor = { kind: 'user', id: 'usr_3', name: 'יעל מזרחי', cause: request };

/** What was done with a conversation, newest first. */
export function activitiesOf(conversationId: string): Activity[] {
  const did = (minutes: number, actor: ActivityActor, ...changes: [string, unknown, unknown][]): Activity => ({
    id: `act_${conversationId}_${minutes}`, at: ago(minutes), subject: { kind: 'conversation', id: conversationId }, contact_id: '', conversation_id: conversationId, actor,
    action: 'conversation.changed', changes: changes.map(([field, from, to]) => ({ field, before: from, after: to })),
  });
  return [
    did(4, yael, ['assignee_id', 'usr_2', 'usr_1'], ['priority', 'none', 'high']),
    did(10, dana, ['labels', ['VIP'], ['VIP', 'משלוח', 'تأخير']]),
    did(10.5, { kind: 'contact', id: 'con_0', name: 'Noa Levi', cause: { kind: 'webhook', id: '', depth: 0 } }, ['status', 'resolved', 'open']),
    did(22, dana, ['status', 'open', 'resolved']),
    did(23, { kind: 'system', id: '', name: '', cause: { kind: 'timer', id: '', depth: 0 } }, ['status', 'snoozed', 'open'], ['snoozed_until', ago(23), null]),
    did(31, dana, ['status', 'open', 'snoozed'], ['snoozed_until', null, ago(23)]),
  ];
}
