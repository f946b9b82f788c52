/** One conversation that holds every kind of message, for looking at. */
import type { Attachment, Channel, Conversation, Me, Message, Template } from '~/shared/api/types';

const svg = (w: number, h: number, hue: number) =>
  `data:image/svg+xml,${encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}"><rect width="100%" height="100%" fill="hsl(${hue} 45% 70%)"/><circle cx="${w * 0.7}" cy="${h * 0.3}" r="${Math.min(w, h) * 0.15}" fill="#fff7"/><path d="M0 ${h} L${w * 0.35} ${h * 0.4} L${w * 0.6} ${h * 0.75} L${w * 0.8} ${h * 0.55} L${w} ${h}Z" fill="hsl(${hue} 40% 40%)"/></svg>`,
  )}`;

/** Three seconds of a quiet tone as WAV, so that the player has something to play. */
function tone(): string {
  const rate = 8000;
  const n = rate * 3;
  const bytes = new DataView(new ArrayBuffer(44 + n));
  const ascii = (at: number, text: string) => [...text].forEach((c, i) => bytes.setUint8(at + i, c.charCodeAt(0)));
  ascii(0, 'RIFF');
  bytes.setUint32(4, 36 + n, true);
  ascii(8, 'WAVEfmt ');
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true);
  bytes.setUint16(22, 1, true);
  bytes.setUint32(24, rate, true);
  bytes.setUint32(28, rate, true);
  bytes.setUint16(32, 1, true);
  bytes.setUint16(34, 8, true);
  ascii(36, 'data');
  bytes.setUint32(40, n, true);
  for (let i = 0; i < n; i++) bytes.setUint8(44 + i, 128 + 20 * Math.sin(i / 4));
  return URL.createObjectURL(new Blob([bytes.buffer], { type: 'audio/wav' }));
}

export const me: Me = { user: { id: 'u1', name: 'Dana Cohen', email: 'dana@example.com', role: 'supervisor', language: '', active: true }, signatures: { everywhere: '', channels: {} }, keys: {}, workspace: { id: 'w', name: 'Demo', country: '', push_customers: false, assign_on_reply: false, thanks_reopen: false, remind_waiting_minutes: 0 }, permissions: [] };

const megabyte = 1 << 20;
export const channel: Channel = {
  id: 'ch', kind: 'whatsapp', name: 'Support', status: 'active', error: null, webhook_url: '', account: '+972 50-123-4567', api_base_url: '', settings: {}, created_at: '', last_inbound_at: null,
  health: { state: 'new', problem: null, last_inbound_at: null, last_outbound_at: null, last_webhook_at: null, last_error: null, refused_webhooks: 0, last_refused_at: null, lag_seconds: 0, waiting: 0, usual_gap_seconds: null, silent_since: null, token_ends_at: null, import: null },
  capabilities: {
    window_seconds: 86400, human_window_seconds: 0, text_max: 4096, text_bytes: 0, caption_max: 1024,
    media: [
      { kind: 'image', mime: ['image/jpeg', 'image/png'], max_bytes: 5 * megabyte, no_caption: false },
      { kind: 'video', mime: ['video/mp4', 'video/3gpp'], max_bytes: 16 * megabyte, no_caption: false },
      { kind: 'voice', mime: ['audio/ogg'], max_bytes: 16 * megabyte, no_caption: true },
      { kind: 'audio', mime: ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'], max_bytes: 16 * megabyte, no_caption: true },
      { kind: 'document', mime: ['*/*'], max_bytes: 100 * megabyte, no_caption: false },
    ],
    templates: true,
    interactive: { buttons: 3, button_title_max: 20, rows: 10, row_title_max: 24, row_text_max: 72, section_title_max: 24, body_max: 1024, header_max: 60, footer_max: 60, link: true, location_request: true, contact_request: true },
    location: true, contacts: true, reactions: true, reaction_set: [], replies: true, read_receipts: true, typing: true, format: 'whatsapp', files_max: 1, mail: false, segments: false,
  },
};

export const templates: Template[] = [
  {
    id: 't1', name: 'order_update', language: 'en_US', category: 'utility', status: 'approved',
    components: [
      { type: 'header', format: 'text', text: 'Order {{1}}', example: ['48213'] },
      { type: 'body', text: 'Hi {{1}}, your order is *on its way* and arrives on {{2}}.', example: ['Noa', 'Sunday'] },
      { type: 'footer', text: 'Wasl Demo Store' },
      { type: 'buttons', buttons: [{ type: 'quick_reply', text: 'Thanks' }, { type: 'url', text: 'Track it', url: 'https://example.com/t/{{1}}' }] },
    ],
  },
  { id: 't2', name: 'winter_sale', language: 'he', category: 'marketing', status: 'approved', components: [{ type: 'header', format: 'image' }, { type: 'body', text: 'שלום {{1}}, מבצע חורף: *20% הנחה* על הכול עד {{2}}.', example: ['נועה', 'יום שישי'] }] },
  { id: 't3', name: 'appointment', language: 'ar', category: 'utility', status: 'approved', components: [{ type: 'body', text: 'مرحبا {{name}}، موعدك يوم {{day}}.', example: ['سارة', 'الأحد'] }] },
  { id: 't4', name: 'old_offer', language: 'en_US', category: 'marketing', status: 'rejected', reason: 'PROMOTIONAL', components: [{ type: 'body', text: 'Buy!' }] },
];

const now = Date.now();
let minutes = 60 * 28;
let count = 0;

function message(change: Partial<Message>, gap = 3): Message {
  minutes -= gap;
  const at = new Date(now - minutes * 60_000).toISOString();
  const out = change.direction === 'out';
  return {
    id: `m${String(++count).padStart(3, '0')}`, conversation_id: 'c1', channel_id: 'ch', contact_id: 'k1', direction: 'in', type: 'text', text: '', attachments: [],
    status: out ? 'read' : 'received', error: null, author: out ? { type: 'agent', id: 'u1', name: 'Dana Cohen' } : { type: 'contact', id: 'k1', name: 'Noa Levi' },
    provider_id: '', client_id: '', reply_to: null, reactions: [], sent_at: at, seq: 0, arrived: 0, send_at: null, cancel_if_answered: false, created_at: at, version: 1, ...change,
  };
}

const file = (change: Partial<Attachment>): Attachment => ({ id: `a${++count}`, kind: 'image', mime: 'image/jpeg', name: '', size: 0, url: '', state: 'ready', ...change });
const image = (w: number, h: number, hue: number) => file({ width: w, height: h, url: svg(w, h, hue), thumbnail_url: svg(w, h, hue) });
const media = (attachment: Attachment, change: Partial<Message> = {}, gap = 3) => message({ type: 'media', attachments: [attachment], ...change }, gap);
const out = { direction: 'out' } as const;

export function messages(): Message[] {
  const sound = tone();
  const question = message({ text: 'Hi, is order #48213 on its way? 🙏', referral: { source: 'ad', url: 'https://example.com/ad', headline: 'Winter sale: 20% off', body: 'Only this week. Free delivery over ₪199.' } });
  const quoteOf = (m: Message) => ({ id: m.id, type: m.type, direction: m.direction, text: m.text, author_name: m.author.name });
  return [
    question,
    message({ ...out, text: 'Hi Noa! Let me check *right now*.', reply_to: question.id, quote: quoteOf(question), reactions: [{ emoji: '👍', by: { type: 'contact', id: 'k1', name: 'Noa Levi' }, at: '' }] }, 2),
    message({ ...out, text: 'דיברתי עם המחסן: +972 50-123-4567, הקוד הוא INV-2026-00871.', author: { type: 'agent', id: 'u2', name: 'Yossi Barak' } }, 1),
    message({ type: 'note', ...out, status: 'sent', text: 'She is a *VIP*. Ship it today even if late, and waive the fee.', author: { type: 'agent', id: 'u2', name: 'Yossi Barak' } }),
    message({ text: 'القطعة البديلة (موديل XR-200/B) غير مناسبة. أرفقت صورتين والرقم التسلسلي. هل أعيدها إلى فرع دبي أم أنتظر الفني يوم الأحد بين 09:00–13:00؟' }),
    message({ text: 'שילמתי ₪1,249.90 אתמול דרך Bit אבל בחשבונית INV-2026-00871 עדיין כתוב *לא שולם*. אפשר לבדוק? https://example.com/invoice/871' }),
    message({ text: 'ok' }, 1),
    message({ text: '👍' }, 1),
    message({ ...out, text: 'Steps:\n1. Open the app\n2. Choose _Orders_\n- tap ~Cancel~ *Return*\n> as we agreed\n```\nRMA-77-A\n```', status: 'delivered' }),
    media(image(1200, 800, 200), { text: 'The box as it came' }),
    media(image(600, 1400, 30), { ...out, status: 'sent' }),
    media(image(800, 800, 120), {}, 0.2), media(image(800, 600, 160), {}, 0.2), media(image(600, 800, 260), {}, 0.2), media(image(800, 800, 300), {}, 0.2), media(image(800, 800, 340), {}, 0.2),
    media(file({ kind: 'video', mime: 'video/mp4', url: 'data:video/mp4;base64,', thumbnail_url: svg(640, 360, 20), width: 640, height: 360 }), { text: 'Look at second 10' }),
    media(file({ kind: 'voice', mime: 'audio/ogg', url: sound })),
    media(file({ kind: 'audio', mime: 'audio/mpeg', name: 'call-recording-2026-11-21.mp3', url: sound }), out),
    media(file({ kind: 'document', mime: 'application/pdf', name: 'חשבונית INV-2026-00871 סופי.pdf', size: 348_221, url: '/api/v1/media/x' })),
    media(file({ kind: 'document', mime: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', name: 'prices.xlsx', state: 'pending', size: 1_200_000 }), out),
    media(file({ state: 'pending', width: 900, height: 600 })),
    media(file({ state: 'failed', error: 'The provider no longer has it.' })),
    media(file({ kind: 'sticker', mime: 'image/webp', url: svg(512, 512, 60) })),
    message({ type: 'location', location: { latitude: 32.0853, longitude: 34.7818, name: 'Dizengoff Center', address: 'Dizengoff St 50, Tel Aviv' } }),
    message({ type: 'contacts', contacts: [{ name: 'סארה כהן', company: 'Haifa branch', title: 'Manager', phones: [{ phone: '+972 54-000-1122' }], emails: ['sara@example.co.il'] }, { name: 'Tom', phones: [{ phone: '+1 202 555 0143' }] }] }),
    message({ ...out, type: 'interactive', text: 'When should we come?', interactive: { kind: 'buttons', header: 'Delivery', footer: 'You can change it later', buttons: [{ id: '1', title: 'Sunday 9–13' }, { id: '2', title: 'Monday 14–18' }] } }),
    message({ type: 'interactive', text: 'Sunday 9–13', interactive: { kind: 'button_reply', reply: { id: '1', title: 'Sunday 9–13' } } }, 1),
    message({ ...out, type: 'interactive', text: 'באיזה נושא מדובר?', interactive: { kind: 'list', button: 'בחירת נושא', sections: [{ title: 'מכירות', rows: [{ id: 'a', title: 'הצעת מחיר', description: 'תוך שעה' }] }, { title: 'תמיכה', rows: [{ id: 'b', title: 'תקלה' }] }] } }),
    message({ type: 'interactive', text: 'הצעת מחיר', interactive: { kind: 'list_reply', reply: { id: 'a', title: 'הצעת מחיר', description: 'תוך שעה' } } }, 1),
    message({ type: 'interactive', text: '', interactive: { kind: 'form_reply', form: { city: 'Haifa', street: 'Herzl 12', floor: '3' } } }),
    message({ ...out, type: 'template', text: 'Order 48213\n\nHi Noa…', template: { name: 'order_update', language: 'en_US', header: [{ value: '48213' }], body: [{ value: 'Noa' }, { value: 'Sunday' }], buttons: [{ index: 1, value: '48213' }] } }),
    message({ type: 'order', text: 'Please wrap as a gift', order: { items: [{ product_id: 'SKU-RED-42', quantity: 2, price: '249.90', currency: 'ILS' }, { product_id: 'SKU-BOX', quantity: 1, price: '12.5', currency: 'ILS' }] } }),
    message({ text: 'Is this one in stock?', product: { product_id: 'SKU-RED-42' } }),
    message({ text: 'Is there a bigger one?', product: { product_id: 'SKU-POT-4', title: 'Clay pot', detail: '€12' } }),
    message({ type: 'story', system: 'reply', text: 'Love it!', attachments: [image(720, 1280, 210)] }),
    message({ type: 'story', system: 'mention', text: '', attachments: [file({ state: 'failed', error: 'Instagram no longer has the file. Ask the customer to send it again.' })] }),
    media(image(800, 1000, 280), { link: { kind: 'post', title: 'Our new lamps are here' } }),
    message({ text: 'قميص صيفي', link: { kind: 'reel', title: 'قميص صيفي', url: 'https://www.facebook.com/reel/1000000000000003/' } }),
    message({ text: 'Do you have this in blue?', link: { kind: 'page', title: 'Summer shirt', url: 'https://shop.example.com/p/42' } }),
    message({ type: 'system', system: 'referral', text: '', referral: { source: 'shortlink', ref: 'flyer-7' } }),
    message({ type: 'system', system: 'thread_taken', text: '' }),
    message({ type: 'system', system: 'identity_changed', text: '' }),
    message({ type: 'unsupported', system: 'poll_creation', text: '' }),
    message({ text: 'Forwarded news', forwarded: 'often' }),
    message({ text: 'I meant Sunday', edited_at: new Date().toISOString(), history: [{ text: 'I meant Monday', at: '1' }] }),
    message({ text: '', deleted_at: new Date().toISOString(), history: [{ text: 'secret', at: '1' }] }),
    message({ ...out, text: 'Your refund is on the way.', status: 'failed', error: { code: 'not_reachable', title: '', detail: '' } }),
    message({ ...out, text: 'And the receipt follows.', status: 'unknown' }),
    message({ ...out, text: 'Automatic: we are open 9–18.', author: { type: 'bot', id: 'b', name: '' } }),
    message({ ...out, text: 'Sending…', status: 'sending' }),
    message({ ...out, text: 'Queued', status: 'queued' }, 1),
    message({ text: 'Are you there?' }),
    message({ text: 'Hello?', reactions: [{ emoji: '❤️', by: { type: 'agent', id: 'u1', name: 'Dana Cohen' }, at: '' }] }, 1),
  ];
}

const inHours = (hours: number) => new Date(now + hours * 3_600_000).toISOString();

function windowOf(state: string): Conversation['window'] {
  if (state === 'human') return { open: false, closes_at: inHours(-1), human_closes_at: inHours(120) };
  if (state === 'closed') return { open: false, closes_at: inHours(-1), human_closes_at: null };
  return { open: true, closes_at: inHours(state === 'closing' ? 0.7 : 23.4), human_closes_at: null };
}

export const conversation = (state: string): Conversation => ({
  id: 'c1', contact: { id: 'k1', name: 'Noa Levi', avatar_url: '' }, channel_id: 'ch', channel_kind: 'whatsapp', address: null, opted_out_at: null, status: 'open', type: '', type_source: '', type_confidence: 0, type_reason: '', sentiment: '', language: '', priority: 'none', labels: [], assignee_id: 'u1', team_id: null,
  last_message: null, last_activity_at: new Date(now).toISOString(), unread_count: state === 'unread' ? 2 : 0,
  window: windowOf(state),
  snoozed_until: null, created_at: new Date(now).toISOString(), updated_at: new Date(now).toISOString(), inbound_count: 20, waiting_since: null, sla: [], participants: [],
});
