import { create } from 'zustand';

/** How long a promise is asked about after it was written. */
export const askWithin = 10 * 60_000;

/** How my reminders are listed. */
export const listed = { params: { query: { limit: 200 } } };

/** Whether it is asked when I want to be reminded of the open conversation. */
export const useAsking = create<{ asks: boolean }>()(() => ({ asks: false }));

export const askReminder = (asks: boolean) => useAsking.setState({ asks });
