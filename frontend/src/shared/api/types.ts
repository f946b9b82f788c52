/** The shapes of the gateway's REST answers and socket frames (/api/v1). Times are RFC 3339 UTC with milliseconds. */

export interface Page<T> {
  items: T[];
  next_cursor?: string;
}

export type Role = 'owner' | 'admin' | 'supervisor' | 'agent';
export type Language = 'en' | 'he' | 'ar';
export type PresenceStatus = 'available' | 'busy' | 'away' | 'offline';

export interface User {
  id: string;
  name: string;
  email: string;
  role: Role;
  language?: Language | '';
  active?: boolean;
}

export interface Me {
  user: User;
  /** What stands under this person's mails: safe formatted text, everywhere or on a channel. */
  signatures: { everywhere: string; channels: Record<string, string> };
  workspace: { id: string; name: string; country: string };
  permissions: string[];
}

export type ChannelKind = 'whatsapp' | 'messenger' | 'instagram' | 'sms' | 'email' | 'widget';

export interface Problem {
  code: string;
  title: string;
  detail: string;
}

export interface Capabilities {
  window_seconds: number;
  /** How long a person may answer, where that is longer than for programs. */
  human_window_seconds: number;
  text_max: number;
  /** The limit in bytes of UTF-8; 0: none. */
  text_bytes: number;
  caption_max: number;
  media: { kind: AttachmentKind; mime: string[]; max_bytes: number; no_caption: boolean }[];
  templates: boolean;
  interactive?: {
    buttons: number;
    button_title_max: number;
    rows: number;
    row_title_max: number;
    row_text_max: number;
    section_title_max: number;
    body_max: number;
    header_max: number;
    footer_max: number;
    link: boolean;
    location_request: boolean;
    contact_request: boolean;
  };
  location: boolean;
  contacts: boolean;
  reactions: boolean;
  /** The only emoji to react with; empty: any. */
  reaction_set: string[];
  replies: boolean;
  read_receipts: boolean;
  typing: boolean;
  format: string;
  /** How many files one message carries. */
  files_max?: number;
  /** A text is sent, and paid, in parts. */
  segments?: boolean;
  /** A message has a subject, copies and formatted text. */
  mail?: boolean;
}

export interface Channel {
  id: string;
  kind: ChannelKind;
  name: string;
  status: 'active' | 'paused' | 'error';
  error: Problem | null;
  webhook_url: string;
  account: string;
  api_base_url?: string;
  /** The credentials that are no secret; of a website. */
  settings?: Record<string, string>;
  capabilities: Capabilities;
  created_at: string;
  last_inbound_at: string | null;
  health: Health;
}

/** Whether a channel works; problem is what is wrong now, last_error what went wrong last. */
export interface Health {
  state: 'ok' | 'new' | 'silent' | 'lagging' | 'ending' | 'paused' | 'stopped';
  problem: Problem | null;
  last_inbound_at: string | null;
  last_outbound_at: string | null;
  last_webhook_at: string | null;
  last_error: (Problem & { at: string }) | null;
  refused_webhooks: number;
  last_refused_at: string | null;
  lag_seconds: number;
  waiting: number;
  usual_gap_seconds: number | null;
  silent_since: string | null;
  token_ends_at: string | null;
}

export type ConversationStatus = 'open' | 'pending' | 'snoozed' | 'resolved';
export type Priority = 'none' | 'low' | 'medium' | 'high' | 'urgent';
export type ConversationType = '' | 'sales' | 'support' | 'complaint' | 'other';
export type AuthorType = 'contact' | 'agent' | 'bot' | 'system';

export interface LastMessage {
  id: string;
  type: MessageType;
  direction: Direction;
  text: string;
  at: string;
  status: MessageStatus;
  author: { type: AuthorType; name: string };
  attachment_kind?: AttachmentKind | '';
  version: number;
}

export interface Conversation {
  id: string;
  contact: { id: string; name: string; avatar_url?: string };
  channel_id: string;
  /** Where answers go. */
  address?: Omit<Identity, 'channel_id'> | null;
  status: ConversationStatus;
  type: ConversationType;
  priority: Priority;
  labels: string[];
  assignee_id: string | null;
  team_id: string | null;
  last_message: LastMessage | null;
  last_activity_at: string;
  unread_count: number;
  window: { open: boolean; closes_at: string | null; human_closes_at?: string | null };
  /** Since when the customer wants no messages here. */
  opted_out_at?: string | null;
  /** Of a mail's conversation. */
  subject?: string;
  snoozed_until: string | null;
  created_at: string;
  updated_at: string;
  inbound_count: number;
  participants: string[];
}

export interface Identity {
  kind: string;
  channel_id: string;
  value: string;
  display: string;
  username?: string;
  /** Somebody wrote it down, and no channel has shown it yet. */
  typed?: boolean;
}

export interface Contact {
  id: string;
  name: string;
  avatar_url?: string;
  identities: Identity[];
  phones: string[];
  emails: string[];
  tags: string[];
  fields: Record<string, unknown>;
  created_at: string;
  conversations?: string[];
  /** The contacts that are one person with this one. */
  merged_from?: Merged[];
  /** The contact that was asked for is part of this one now. */
  merged_into?: string;
}

export interface Merged {
  merge_id: string;
  contact_id: string;
  name: string;
  /** The user who did it; empty: one message named both. */
  by: string;
  at: string;
}

export interface Suggestion {
  contact: Contact;
  reasons: { kind: 'same_name' | 'same_email' | 'same_phone' | 'written_phone' | 'written_email'; value: string }[];
}

export type Direction = 'in' | 'out';
export type MessageType =
  | 'text' | 'media' | 'template' | 'interactive' | 'location' | 'contacts' | 'reaction' | 'note'
  | 'order' | 'story' | 'system' | 'unsupported';
export type MessageStatus = 'received' | 'queued' | 'sending' | 'sent' | 'delivered' | 'read' | 'failed' | 'unknown';
export type AttachmentKind = 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker';

export interface Attachment {
  id: string;
  kind: AttachmentKind;
  mime: string;
  name?: string;
  size?: number;
  url?: string;
  thumbnail_url?: string;
  width?: number;
  height?: number;
  state?: 'pending' | 'ready' | 'failed';
  error?: string;
  animated?: boolean;
}

export interface Location {
  latitude: number;
  longitude: number;
  name?: string;
  address?: string;
  url?: string;
}

export interface Card {
  name: string;
  phones?: { phone: string; type?: string; whatsapp_id?: string }[];
  emails?: string[];
  company?: string;
  title?: string;
  urls?: string[];
  addresses?: string[];
  birthday?: string;
}

export interface Choice {
  id: string;
  title: string;
  description?: string;
}

export interface Interactive {
  kind:
    | 'buttons' | 'list' | 'link' | 'location_request' | 'contact_request'
    | 'button_reply' | 'list_reply' | 'template_button' | 'form_reply' | 'call_permission';
  header?: string;
  footer?: string;
  button?: string;
  url?: string;
  buttons?: Choice[];
  sections?: { title?: string; rows: Choice[] }[];
  reply?: Choice;
  form?: Record<string, string>;
}

export interface Order {
  catalog_id?: string;
  items: { product_id: string; quantity: number; price: string; currency: string }[];
}

export interface Referral {
  source?: string;
  source_id?: string;
  url?: string;
  headline?: string;
  body?: string;
  media_url?: string;
  click_id?: string;
  welcome?: string;
  ref?: string;
}

/** Something that lives elsewhere and was shared. */
export interface Link {
  kind: 'post' | 'reel' | 'page';
  title?: string;
  url?: string;
}

export interface TemplateParam {
  name?: string;
  index?: number;
  value: string;
}

export interface TemplateUse {
  name: string;
  language: string;
  header?: TemplateParam[];
  body?: TemplateParam[];
  buttons?: TemplateParam[];
  location?: Location;
}

export interface Template {
  id: string;
  name: string;
  language: string;
  category: string;
  status: string;
  quality?: string;
  reason?: string;
  components: {
    type: string;
    format?: string;
    text?: string;
    buttons?: { type: string; text: string; url?: string; phone?: string }[];
    example?: string[];
  }[];
}

export interface Quote {
  id: string;
  type: MessageType;
  direction: Direction;
  text: string;
  author_name: string;
  attachment_kind?: AttachmentKind | '';
}

export interface Reaction {
  emoji: string;
  by: { type: AuthorType; id: string; name: string };
  at: string;
}

export interface Message {
  id: string;
  conversation_id: string;
  channel_id: string;
  contact_id: string;
  direction: Direction;
  type: MessageType;
  text: string;
  attachments: Attachment[];
  status: MessageStatus;
  error: Problem | null;
  provider_id?: string;
  client_id?: string;
  author: { type: AuthorType; id: string; name: string };
  reply_to: string | null;
  quote?: Quote | null;
  reactions: Reaction[];
  location?: Location;
  contacts?: Card[];
  interactive?: Interactive;
  order?: Order;
  product?: { catalog_id?: string; product_id: string };
  referral?: Referral;
  link?: Link;
  template?: TemplateUse;
  forwarded?: string;
  mail?: Mail;
  system?: string;
  /** Orders messages of the same sent_at. */
  seq?: number;
  /** Grows with every change. */
  version: number;
  /** Of what is unsupported: the provider's own form. */
  raw?: unknown;
  edited_at?: string | null;
  deleted_at?: string | null;
  history?: { text: string; at: string }[];
  sent_at: string;
  created_at: string;
}

export interface MailAddress {
  name?: string;
  address: string;
}

/** What a mail has besides its text. */
export interface Mail {
  subject: string;
  from?: string;
  to?: MailAddress[];
  cc?: MailAddress[];
  bcc?: MailAddress[];
  /** Text of earlier mails, and the signature. */
  quoted?: string;
  /** No person wrote it. */
  auto?: '' | 'reply' | 'bounce' | 'list' | 'bulk' | 'loop';
  /** Nothing speaks for the sender. */
  unproven?: boolean;
  has_html: boolean;
}

/** The body of POST …/messages. */
export interface NewMessage {
  client_id: string;
  type: 'text' | 'media' | 'template' | 'interactive' | 'location' | 'contacts' | 'reaction' | 'note';
  text?: string;
  attachments?: { id: string; kind?: AttachmentKind }[];
  reply_to?: string;
  template?: TemplateUse;
  interactive?: Interactive;
  location?: Location;
  contacts?: Card[];
  reaction?: { message_id: string; emoji: string };
  mail?: { subject?: string; to?: string[]; cc?: string[]; bcc?: string[]; html?: string; unsigned?: boolean };
}

export interface Draft {
  text: string;
  mode: 'reply' | 'note';
  reply_to: string | null;
  mail?: MailDraft;
}

/** What was written around the text of a mail; what is not there is as the conversation has it. */
export interface MailDraft {
  subject?: string;
  to?: string;
  cc?: string;
  bcc?: string;
  unsigned?: boolean;
}

export interface UploadedMedia {
  id: string;
  kind: AttachmentKind;
  mime: string;
  name: string;
  size: number;
  url: string;
  thumbnail_url?: string;
  width?: number;
  height?: number;
}

export interface Counts {
  mine: number;
  unassigned: number;
  all: number;
  unread: number;
  pending: number;
  snoozed: number;
}

export interface SearchResult {
  messages: { message: Message; conversation: Pick<Conversation, 'id' | 'contact' | 'status'> }[];
  contacts: Contact[];
  next_cursor?: string;
}

export interface DeadLetter {
  id: string;
  kind: string;
  channel_id: string;
  conversation_id: string;
  reason: 'not_understood' | 'gave_up' | 'broken' | 'missing';
  error: string;
  attempts: number;
  /** The first 64 KiB. */
  body: string;
  body_size: number;
  created_at: string;
  failed_at: string;
}

export interface Discarded {
  letter: DeadLetter;
  by: { id: string; name: string };
  at: string;
}

/** A message that did not go out, or perhaps not. */
export interface FailedMessage {
  message: Message;
  contact: Conversation['contact'];
  failed_at: string;
}

export type LifelineStepName =
  | 'written' | 'received' | 'durable' | 'resumed' | 'stored' | 'shown' | 'seen' | 'queued' | 'behind' | 'held' | 'sending' | 'waiting'
  | 'accepted' | 'sent' | 'delivered' | 'read' | 'failed' | 'unknown' | 'edited' | 'deleted';

/** One step of a message's way; at null: the moment was not recorded. */
export interface LifelineStep {
  step: LifelineStepName;
  at: string | null;
  came_at?: string;
  by?: { type: AuthorType; id: string; name: string };
  code?: string;
  detail?: string;
  more?: number;
}

export interface Lifeline {
  message_id: string;
  channel_id: string;
  direction: Direction;
  status: MessageStatus;
  steps: LifelineStep[];
}

export interface AppNotification {
  id: string;
  kind: string;
  title: string;
  detail: string;
  severity: 'info' | 'warning' | 'critical';
  channel_id?: string;
  conversation_id?: string;
}

interface Numbered<T extends string, D> {
  type: T;
  seq: number;
  epoch: string;
  at: string;
  data: D;
}

interface Unnumbered<T extends string, D> {
  type: T;
  data: D;
}

/** Events that are numbered and replayed after a reconnect. */
export type EventFrame =
  | Numbered<'message.created' | 'message.updated', Message>
  | Numbered<'conversation.created' | 'conversation.updated', Conversation>
  | Numbered<'contact.created' | 'contact.updated', Contact>
  | Numbered<'contact.merged', Contact & { absorbed_id: string; merge_id: string }>
  | Numbered<'assignment.changed', { conversation_id: string; assignee_id: string | null; team_id: string | null; by: string }>
  | Numbered<'channel.updated', Channel>
  | Numbered<'dead_letters.changed', { count: number }>
  | Numbered<'notification.created', AppNotification>;

/** Signals that live only while they are true. */
export type SignalFrame =
  | Unnumbered<'typing', { conversation_id: string; user_id: string | null; typing: boolean }>
  | Unnumbered<'viewing', { conversation_id: string; user_id: string; viewing: boolean }>
  | Unnumbered<'presence', { user_id: string; status: PresenceStatus }>;

export type HelloFrame = Numbered<'hello', { resumed: boolean }>;
export type Frame = HelloFrame | EventFrame | SignalFrame | { type: 'pong' };

/** What the app may send on the socket. */
export type ClientFrame =
  | { type: 'typing'; data: { conversation_id: string; typing: boolean } }
  | { type: 'viewing'; data: { conversation_id: string | null } }
  | { type: 'presence'; data: { status: PresenceStatus } }
  | { type: 'ping' };
