import { useNavigate } from '@tanstack/react-router';
import { useActions } from '~/shared/actions/actions';
import { actionIds, actionOf } from '~/shared/actions/registry';
import { useLive } from '~/shared/realtime/store';

/** Offers the actions that go somewhere, to those who may. */
export function useGo(): void {
  const navigate = useNavigate();
  const permissions = useLive((s) => s.me?.permissions) ?? [];
  useActions(
    Object.fromEntries(
      actionIds.map((id) => {
        const { to, search = {}, may } = actionOf(id);
        return [id, to && (!may || permissions.includes(may)) && (() => void navigate({ to, search }))];
      }),
    ),
  );
}
