import { useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import { ErrorRetry } from '~/shared/ui/States';

/** The gateway could not even say who we are: one button, no lost address. */
export function LoadFailed({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <ErrorRetry
      error={error}
      retry={() => {
        reset();
        void router.invalidate();
      }}
    />
  );
}
