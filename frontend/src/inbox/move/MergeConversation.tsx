import { Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChannels } from '~/shared/api/queries';
import type { Conversation } from '~/shared/api/types';
import { focusWorkIfLost } from '~/shared/lib/focus';
import { ChannelIcon } from '~/shared/ui/Avatar';
import { BidiText } from '~/shared/ui/BidiText';
import { RelTime } from '~/shared/ui/RelTime';
import { usePerson } from '../customer/person';
import { oneLine } from '../list/preview';
import { askMove } from './asking';
import css from './MergeConversation.module.css';
import { merge } from './move';

/** Chooses which of the customer's other conversations this one becomes a part of. */
export function MergeConversation({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation(['move', 'common', 'inbox']);
  const narrow = useMediaQuery('(max-width: 767px)');
  const { conversations, known } = usePerson(conversation.contact.id);
  const others = conversations.filter((c) => c.id !== conversation.id);
  const close = () => {
    askMove('');
    requestAnimationFrame(focusWorkIfLost);
  };
  return (
    <Modal opened onClose={close} fullScreen={narrow} size={520} title={t('merge.title')} closeButtonProps={{ 'aria-label': t('common:action.close') }}>
      <p className={css.lead}>{t('merge.lead')}</p>
      {known && others.length === 0 && <p className={css.lead}>{t('merge.none')}</p>}
      <div className={css.list}>
        {others.map((other) => (
          <Other key={other.id} from={conversation} other={other} close={close} />
        ))}
      </div>
    </Modal>
  );
}

function Other({ from, other, close }: { from: Conversation; other: Conversation; close: () => void }) {
  const { t } = useTranslation(['move', 'inbox']);
  const [busy, setBusy] = useState(false);
  const channel = useChannels().data?.find((one) => one.id === other.channel_id);
  const apart = other.channel_id !== from.channel_id;
  const choose = async () => {
    setBusy(true);
    if (await merge(from, other)) close();
    else setBusy(false);
  };
  return (
    <button type="button" className={css.other} disabled={busy || apart} onClick={() => void choose()} data-testid="merge-into" data-conversation-id={other.id}>
      <span className={css.head}>
        {channel && <ChannelIcon kind={channel.kind} />}
        <bdi>{other.subject || channel?.name}</bdi>
        <small>{t(`inbox:status.${other.status}`)}</small>
        <RelTime at={other.last_activity_at} />
      </span>
      <span dir="auto" className={css.text}>
        <BidiText text={oneLine(other.last_message?.text ?? '')} />
      </span>
      {apart && <small>{t('merge.apart')}</small>}
    </button>
  );
}
