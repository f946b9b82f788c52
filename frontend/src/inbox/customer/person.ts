/** A customer over all channels: the conversations, where else one could write, and what joins and separates contacts. */
import { useQuery } from '@tanstack/react-query';
import { api, bodyOf } from '~/shared/api/client';
import { invalidate, useChannels } from '~/shared/api/queries';
import type { paths } from '~/shared/api/schema.gen';
import type { Channel, ChannelKind, Contact, Conversation } from '~/shared/api/types';
import { withoutPersons } from '~/shared/realtime/apply';
import { keepConversations, loadContact } from '~/shared/realtime/actions';
import { useConversationsOf } from '~/shared/realtime/conversations';
import { useLive } from '~/shared/realtime/store';

type ContactChange = paths['/api/v1/contacts/{id}']['patch']['requestBody']['content']['application/json'];

const none: string[] = [];
const newestFirst = (a: Conversation, b: Conversation) => (a.last_activity_at < b.last_activity_at ? 1 : -1);

/** The customer's conversations on all channels that this agent may see, and whether they are known yet. */
export function usePerson(contactId: string): { conversations: Conversation[]; known: boolean } {
  const merged = useLive((s) => s.contacts[contactId]?.merged_from?.length ?? 0);
  const { data } = useQuery({
    queryKey: ['person', contactId, merged],
    queryFn: async ({ signal }) => {
      const { items } = await bodyOf(api.GET('/api/v1/conversations', { params: { query: { contact: contactId, limit: 50 } }, signal }));
      keepConversations(items);
      return items.map((c) => c.id);
    },
  });
  const conversations = useConversationsOf(contactId, data ?? none);
  return { conversations: conversations.sort(newestFirst), known: !!data };
}

type Addresses = Pick<Contact, 'phones' | 'emails'>;

/** By which kinds of identity a channel reaches somebody who has not written there yet; the gateway decides. */
const reach: Partial<Record<ChannelKind, (contact: Addresses) => boolean>> = {
  whatsapp: (c) => c.phones.length > 0,
  sms: (c) => c.phones.length > 0,
  email: (c) => c.emails.length > 0,
};

export const reaches = (kind: ChannelKind, contact: Addresses): boolean => reach[kind]?.(contact) ?? false;

/** The channels on which nothing was said yet and on which the customer can be written to. */
export function useReachable(contact: Contact | undefined, conversations: Conversation[]): Channel[] {
  const channels = useChannels().data ?? [];
  if (!contact) return [];
  return channels.filter((ch) => ch.status === 'active' && !conversations.some((c) => c.channel_id === ch.id) && reaches(ch.kind, contact));
}

/** With a subject, by mail, it is a new one. */
export async function beginConversation(contactId: string, channelId: string, subject?: string): Promise<Conversation> {
  const conversation = await bodyOf(
    api.POST('/api/v1/contacts/{id}/conversations', { params: { path: { id: contactId } }, body: { channel_id: channelId, ...(subject && { subject }) } }),
  );
  keepConversations([conversation]);
  return conversation;
}

export async function changeContact(id: string, body: ContactChange): Promise<void> {
  keep(await bodyOf(api.PATCH('/api/v1/contacts/{id}', { params: { path: { id } }, body })));
}

export async function createContact(name: string, phones: string[], emails: string[]): Promise<Contact> {
  const contact = await bodyOf(api.POST('/api/v1/contacts', { body: { name, phones, emails } }));
  keep(contact);
  return contact;
}

function keep(contact: Contact): void {
  useLive.setState((s) => ({ contacts: { ...s.contacts, [contact.id]: contact }, threads: withoutPersons(s.threads, [contact.id]) }));
  void invalidate('/api/v1/contacts/{id}/suggestions');
}

export async function mergeContacts(contactId: string, otherId: string): Promise<Contact> {
  const survivor = await bodyOf(api.POST('/api/v1/contacts/{id}/merge', { params: { path: { id: contactId } }, body: { contact_id: otherId } }));
  keep(survivor);
  return survivor;
}

export async function separate(contactId: string, mergeId: string): Promise<void> {
  keep(await bodyOf(api.POST('/api/v1/contacts/{id}/unmerge', { params: { path: { id: contactId } }, body: { merge_id: mergeId } })));
  useLive.setState((s) => ({ threads: withoutPersons(s.threads, [contactId]) }));
  await loadContact(contactId);
}

export async function addIdentity(contactId: string, kind: 'phone' | 'email', value: string): Promise<void> {
  keep(await bodyOf(api.POST('/api/v1/contacts/{id}/identities', { params: { path: { id: contactId } }, body: { kind, value } })));
}

/** Takes away what somebody typed; the gateway keeps what a channel has shown. */
export async function removeIdentity(contactId: string, kind: 'phone' | 'email', value: string): Promise<void> {
  keep(await bodyOf(api.DELETE('/api/v1/contacts/{id}/identities', { params: { path: { id: contactId }, query: { kind, value } } })));
}

export async function dismissSuggestion(contactId: string, otherId: string): Promise<void> {
  await api.POST('/api/v1/contacts/{id}/suggestions/dismiss', { params: { path: { id: contactId } }, body: { contact_id: otherId } });
  await invalidate('/api/v1/contacts/{id}/suggestions');
}
