import type { Contact, Identity } from '~/shared/api/types';

/** Ids that a provider makes up: nobody can read, dial or write them. */
const opaque = /_(bsuid|parent_bsuid)$|^(psid|igsid|visitor)$/;

/** What people call the identity: a number, an address, a username; null where it is only an id. */
export function readable(identity: Pick<Identity, 'kind' | 'value' | 'display' | 'username'>): string | null {
  return opaque.test(identity.kind) ? identity.username || null : identity.display || identity.value;
}

/** The address of a person in a channel as an agent would say it. */
export function addressIn(identities: Identity[], channelId: string): string | null {
  const here = identities.filter((i) => i.channel_id === channelId);
  for (const identity of [...here.filter((i) => !opaque.test(i.kind)), ...here, ...identities]) {
    const text = readable(identity);
    if (text) return text;
  }
  return null;
}

/** A phone number in the grouped form in which a channel shows it, where one does. */
export function spelled(phone: string, identities: Identity[]): string {
  const digits = (text: string) => text.replace(/\D/g, '');
  return identities.find((i) => digits(i.display) === digits(phone) && i.display !== phone)?.display ?? phone;
}

/** What tells a person from others of the same name in one line: a number, an address, else a username. */
export function addressOf({ phones, emails, identities }: Pick<Contact, 'phones' | 'emails' | 'identities'>): string {
  return (phones[0] && spelled(phones[0], identities)) ?? emails[0] ?? identities.map(readable).find(Boolean) ?? '';
}
