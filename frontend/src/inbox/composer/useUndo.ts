import { useNavigate } from '@tanstack/react-router';
import { useLive } from '~/shared/realtime/store';
import { undoSend } from '~/shared/realtime/undo';
import { toastError } from '~/shared/ui/toast';
import { goOnWriting } from './focus';

/** Takes back what was sent last, and goes on writing it. */
export function useUndo(): () => void {
  const navigate = useNavigate();
  return () => {
    undoSend()
      .catch(toastError)
      .then(async (id) => {
        if (id && id !== useLive.getState().openId) await navigate({ to: '/inbox/$conversationId', params: { conversationId: id }, search: (kept) => kept });
        goOnWriting();
      }, toastError);
  };
}
