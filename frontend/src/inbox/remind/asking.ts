import { create } from 'zustand';

/** Whether it is asked when I want to be reminded of the open conversation. */
export const useAsking = create<{ asks: boolean }>()(() => ({ asks: false }));

export const askReminder = (asks: boolean) => useAsking.setState({ asks });
