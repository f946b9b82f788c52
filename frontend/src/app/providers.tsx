import { DirectionProvider, MantineProvider, useDirection } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { queryClient } from '~/shared/api/queries';
import { languages } from '~/shared/i18n';
import type { Language } from '~/shared/api/types';
import css from './providers.module.css';
import { router } from './router';
import { theme } from './theme';

/** Mantine learns the direction from the language. */
function Direction() {
  const { setDirection } = useDirection();
  const { i18n } = useTranslation();
  const dir = languages[i18n.language as Language]?.dir ?? 'ltr';
  useEffect(() => setDirection(dir), [dir, setDirection]);
  return null;
}

/** News lies where nobody writes: over the foot of the list, and on a phone under the header. */
function Toasts() {
  const { dir } = useDirection();
  const narrow = useMediaQuery('(max-width: 767px)');
  const side = dir === 'rtl' ? 'bottom-right' : 'bottom-left';
  return <Notifications position={narrow ? 'top-center' : side} className={css.toasts} containerWidth={narrow ? 440 : 288} zIndex={400} />;
}

export function Providers() {
  return (
    <DirectionProvider detectDirection>
      <MantineProvider theme={theme} defaultColorScheme="auto">
        <Direction />
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
        <Toasts />
      </MantineProvider>
    </DirectionProvider>
  );
}
