import { DirectionProvider, MantineProvider, useDirection } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { queryClient } from '~/shared/api/queries';
import { languages } from '~/shared/i18n';
import type { Language } from '~/shared/api/types';
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

export function Providers() {
  return (
    <DirectionProvider detectDirection>
      <MantineProvider theme={theme} defaultColorScheme="auto">
        <Direction />
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
        <Notifications position="bottom-center" zIndex={400} />
      </MantineProvider>
    </DirectionProvider>
  );
}
