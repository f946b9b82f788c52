import { notifications } from '@mantine/notifications';
import i18next from 'i18next';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/shared/api/client';

export interface ErrorText {
  title: string;
  detail: string;
  requestId: string;
}

/** An error in the words of the interface: our own for codes we know, else what the gateway says. */
export function errorText(error: unknown): ErrorText {
  const t = i18next.t;
  if (!(error instanceof ApiError)) return { title: t('error.unexpected'), detail: '', requestId: '' };
  const key = `error.code.${error.code}`;
  const known = i18next.exists(key);
  return {
    title: known ? t(key as 'error.code.network') : error.status >= 500 ? t('error.server') : error.message,
    detail: known ? '' : error.detail,
    requestId: error.requestId,
  };
}

export function useErrorText(): (error: unknown) => ErrorText {
  useTranslation();
  return errorText;
}

/** Says in a toast that something did not work, with its request id. */
export function toastError(error: unknown): void {
  const { title, detail, requestId } = errorText(error);
  notifications.show({
    color: 'red',
    title,
    message: [detail, requestId && i18next.t('error.request', { id: requestId })].filter(Boolean).join(' '),
    autoClose: 8000,
  });
}
