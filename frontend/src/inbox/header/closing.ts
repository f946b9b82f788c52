/** What a team wants before one of its conversations is resolved: asked for in a dialog. */
import { create } from 'zustand';
import { openOverlay } from '~/app/overlays';
import type { Conversation } from '~/shared/api/types';

export const useClosing = create<{ conversation: Conversation | null; missing: string[] }>()(() => ({ conversation: null, missing: [] }));

export function askClosing(conversation: Conversation, missing: string[]): void {
  useClosing.setState({ conversation, missing });
  openOverlay('closing');
}
