import type { ChannelKind } from '~/shared/api/types';

/** One value that a channel is connected with, in the order in which the provider's pages show them. */
export interface Field {
  key: string;
  secret?: boolean;
  shape?: 'digits' | 'phone' | 'address';
  /** Needed unless this other one is there. */
  or?: string;
  optional?: boolean;
}

interface KindOfChannel {
  fields: Field[];
  /** What the gateway makes up and the provider is told. */
  made: string[];
  /** What is to be done at the provider after that, one sentence each. */
  steps: number;
}

const meta = (id: string, token: string): KindOfChannel => ({
  fields: [{ key: id, shape: 'digits' }, { key: token, secret: true }, { key: 'app_secret', secret: true }],
  made: ['verify_token'],
  steps: 4,
});

/** The kinds that can be connected here, and what each asks for. */
export const kinds = {
  whatsapp: {
    fields: [{ key: 'phone_number_id', shape: 'digits' }, { key: 'business_account_id', shape: 'digits' }, { key: 'access_token', secret: true }, { key: 'app_secret', secret: true }],
    made: ['verify_token'],
    steps: 4,
  },
  messenger: meta('page_id', 'page_access_token'),
  instagram: meta('account_id', 'access_token'),
  sms: {
    fields: [{ key: 'account_sid' }, { key: 'auth_token', secret: true }, { key: 'from_number', shape: 'phone', or: 'messaging_service_sid' }, { key: 'messaging_service_sid', optional: true }],
    made: [],
    steps: 3,
  },
  email: {
    fields: [{ key: 'api_key', secret: true }, { key: 'from_address', shape: 'address' }, { key: 'from_name', optional: true }, { key: 'event_public_key', optional: true }],
    made: ['inbound_user', 'inbound_password'],
    steps: 4,
  },
} satisfies Partial<Record<ChannelKind, KindOfChannel>>;

export type ConnectableKind = keyof typeof kinds;

/** The description of a kind; none for one that needs no provider. */
export const kindOf = (kind: ChannelKind): KindOfChannel | undefined => (kinds as Partial<Record<ChannelKind, KindOfChannel>>)[kind];

const shapes = { digits: /^\d+$/, phone: /^\+[1-9]\d{6,14}$/, address: /^\S+@\S+\.\S+$/ };

/** Fields that are wrong before anything is sent; `all` wants every field, otherwise empty ones stay as they are. */
export function checkFields(fields: Field[], values: Record<string, string>, all: boolean): Record<string, 'missing' | 'digits' | 'phone' | 'address'> {
  const wrong: ReturnType<typeof checkFields> = {};
  const filled = (key: string) => !!values[key]?.trim();
  for (const { key, shape, or, optional } of fields) {
    if (!filled(key)) {
      if (all && !optional && !(or && filled(or))) wrong[key] = 'missing';
    } else if (shape && !shapes[shape].test((values[key] ?? '').trim())) wrong[key] = shape;
  }
  return wrong;
}

/** The addresses that a provider of this kind is given. Mail has its password inside the address. */
export function addresses(kind: ChannelKind, webhook: string, made: Record<string, string>): { name: 'webhook' | 'inbound' | 'events'; value: string }[] {
  if (kind !== 'email') return [{ name: 'webhook', value: webhook }];
  const inbound = made.inbound_user ? webhook.replace('://', `://${made.inbound_user}:${made.inbound_password}@`) : webhook;
  return [
    { name: 'inbound', value: inbound },
    { name: 'events', value: webhook + '/events' },
  ];
}
