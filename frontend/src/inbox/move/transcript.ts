/** What was said in a conversation, as a PDF in the reader's language and time. */
import { api, bodyOf } from '~/shared/api/client';
import i18next from 'i18next';
import { isLanguage } from '~/shared/i18n';
import { toastError } from '~/shared/ui/toast';

export async function downloadTranscript(id: string): Promise<void> {
  try {
    const language = isLanguage(i18next.language) ? i18next.language : undefined;
    const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const { name, mime, data = '' } = await bodyOf(api.POST('/api/v1/conversations/{id}/transcript', { params: { path: { id } }, body: { format: 'pdf', language, time_zone } }));
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], { type: mime }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  } catch (cause) {
    toastError(cause);
  }
}
