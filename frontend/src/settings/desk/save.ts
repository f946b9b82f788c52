import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/shared/api/client';
import { toastDone, toastError } from '~/shared/ui/toast';

/** Saves a form: what the gateway refuses of a field stands there, the rest is said in a toast. */
export function useSaving(onClose: () => void, again: () => Promise<void>) {
  const { t } = useTranslation('settings');
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Record<string, string>>({});
  const attempt = async (make: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await make();
      toastDone(t('saved'));
      onClose();
    } catch (cause) {
      const fields = cause instanceof ApiError ? cause.fields : [];
      setRefused(Object.fromEntries(fields.map(({ field, detail }) => [field, detail])));
      toastError(cause);
      if (cause instanceof ApiError && cause.code === 'changed_meanwhile') onClose();
    } finally {
      setBusy(false);
      await again();
    }
  };
  return { busy, refused, attempt };
}
