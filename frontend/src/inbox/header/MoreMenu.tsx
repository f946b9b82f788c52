import { ActionIcon } from '@mantine/core';
import { IconArrowsJoin, IconDots, IconFileText } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '~/shared/api/types';
import { useActions } from '~/shared/actions/actions';
import { Menu } from '~/shared/ui/Menu';
import { askMove } from '../move/asking';

/** What is done with a conversation more rarely. */
export function MoreMenu({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation('inbox');
  const merge = () => askMove('merge');
  const download = () => void import('../move/transcript').then(({ downloadTranscript }) => downloadTranscript(conversation.id));
  const apart = conversation.channel_kind !== 'widget';
  useActions({ mergeInto: apart ? merge : undefined, transcript: download });
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon aria-label={t('do.more')} title={t('do.more')} data-testid="conversation-more">
          <IconDots size={20} stroke={1.7} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {apart && (
          <Menu.Item leftSection={<IconArrowsJoin size={18} stroke={1.7} className="mirror" />} onClick={merge} data-testid="conversation-merge">
            {t('do.merge')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconFileText size={18} stroke={1.7} />} onClick={download} data-testid="conversation-transcript">
          {t('do.transcript')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
