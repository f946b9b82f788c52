import { Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { lazy, Suspense, type ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '~/shared/api/types';
import { focusComposer } from '../focus';

export interface DialogProps {
  conversation: Conversation;
  close: () => void;
}

/** Seldom used and not small: each is loaded when it is first opened. */
const dialogs = {
  template: lazy(() => import('./TemplateDialog')),
  interactive: lazy(() => import('./InteractiveDialog')),
  location: lazy(() => import('./LocationDialog')),
  contact: lazy(() => import('./ContactDialog')),
} satisfies Record<string, ComponentType<DialogProps>>;

export type DialogName = keyof typeof dialogs;

interface Props extends DialogProps {
  open: DialogName | null;
}

export function Dialogs({ open, conversation, close }: Props) {
  const { t } = useTranslation(['composer', 'common']);
  const narrow = useMediaQuery('(max-width: 767px)');
  const Content = open && dialogs[open];
  const wide = open === 'template' || open === 'interactive';
  return (
    <Modal
      opened={!!open}
      onClose={close}
      onExitTransitionEnd={focusComposer}
      returnFocus={false}
      fullScreen={narrow}
      size={wide ? 880 : 460}
      title={open && t(`dialog.${open}`)}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <Suspense fallback={<div style={{ minBlockSize: 240 }} />}>{Content && <Content conversation={conversation} close={close} />}</Suspense>
    </Modal>
  );
}
