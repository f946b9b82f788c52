import { api, bodyOf } from '~/shared/api/client';
import { invalidate } from '~/shared/api/queries';
import type { Channel } from '~/shared/api/types';

export type SignInProvider = 'google' | 'microsoft';

/** What was entered before the way led to the provider's page, which comes back to this browser. */
interface Kept {
  channelId?: string | undefined;
  name: string;
  from_name: string;
  history_days: string;
}

const key = (id: string) => `wasl.sign-in.${id}`;

/** Leaves for the provider's page. */
export async function beginSignIn(provider: SignInProvider, hint: string, kept: Kept): Promise<void> {
  const { id, url } = await bodyOf(api.POST('/api/v1/channels/authorizations', { body: { kind: 'email', provider, ...(hint && { hint }) } }));
  sessionStorage.setItem(key(id), JSON.stringify(kept));
  location.assign(url);
}

/** Takes what the provider's page returned, and connects the mailbox, or renews the one that signed in anew. */
export async function endSignIn(id: string, returned: { code?: string; error?: string; error_description?: string }): Promise<Channel> {
  const kept = JSON.parse(sessionStorage.getItem(key(id)) ?? '{}') as Partial<Kept>;
  sessionStorage.removeItem(key(id));
  const { account } = await bodyOf(api.POST('/api/v1/channels/authorizations/{id}/complete', { params: { path: { id } }, body: returned }));
  const { channelId, name, from_name, history_days } = kept;
  const credentials = { authorization: id, ...(from_name && { from_name }), ...(history_days && { history_days }) };
  const channel = await bodyOf(
    channelId
      ? api.PATCH('/api/v1/channels/{id}', { params: { path: { id: channelId } }, body: { credentials: { authorization: id } } })
      : api.POST('/api/v1/channels', { body: { kind: 'email', name: name || account, credentials } }),
  );
  await invalidate('/api/v1/channels');
  return channel;
}
