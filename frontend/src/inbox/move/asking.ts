/** Which dialog about the open conversation is wanted; each is loaded then. */
import { create } from 'zustand';

export const useMove = create<{ asked: '' | 'merge' }>()(() => ({ asked: '' }));

export const askMove = (asked: '' | 'merge') => useMove.setState({ asked });
