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

/** What the gateway says about single fields, as a form wants it. */
export function fieldErrors(error: unknown): Record<string, string> {
  return error instanceof ApiError ? Object.fromEntries(error.fields.map((f) => [f.field.replace(/^body\./, ''), f.detail])) : {};
}
