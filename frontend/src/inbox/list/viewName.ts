import i18next from 'i18next';
import type { View } from '~/shared/api/types';

/** How a view is called: a built-in one in the language of the interface. */
export const viewName = ({ id, name, built_in }: View): string => (built_in ? i18next.t(`inbox:saved.${id as 'waiting'}`) : name);
