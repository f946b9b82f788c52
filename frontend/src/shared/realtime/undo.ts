/** Takes messages back that have not left: their text returns to the composer. */
import { api, bodyOf } from '~/shared/api/client';
import { fitsDraft, giveBack, type Returned } from './again';
import { cancelHere, showMessage } from './outbox';
import { forgetSent, useSent } from './sent';
import { useLive, type ThreadMessage } from './store';

/** Takes back one message of the gateway; it refuses where that has left. */
export async function cancelMessage(message: ThreadMessage): Promise<void> {
  showMessage(await bodyOf(api.DELETE('/api/v1/messages/{id}', { params: { path: { id: message.id } } })));
}

/** Takes back a scheduled message to go on writing it. */
export async function editScheduled(message: ThreadMessage): Promise<void> {
  await cancelMessage(message);
  if (fitsDraft(message.conversation_id, message)) giveBack(message.conversation_id, [message]);
}

/** Takes back what was sent last, as far as it has not left; throws where some of it has. Returns the conversation that it stood in. */
export async function undoSend(): Promise<string | null> {
  const { sent } = useSent.getState();
  if (!sent) return null;
  forgetSent();
  const { conversationId: id } = sent;
  const back: Returned[] = [];
  try {
    // The last one first: what waits on this device does not leave while the others are asked for.
    for (const message of sent.messages.toReversed()) {
      if (!(await cancelHere(message.client_id))) {
        const held = useLive.getState().threads[id]?.items.find((m) => m.client_id === message.client_id);
        if (!held || held.local) continue; // refused meanwhile: it was given back, or its bubble says why
        await cancelMessage(held);
      }
      back.unshift(message);
    }
  } finally {
    const texts = back.filter((m) => fitsDraft(id, m));
    if (texts.length > 0) giveBack(id, texts);
  }
  return id;
}
