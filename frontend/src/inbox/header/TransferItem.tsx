import { IconArrowsExchange } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { openOverlay } from '~/app/overlays';
import { Menu } from '~/shared/ui/Menu';

/** In the menu of whose a conversation is. */
export function TransferItem() {
  const { t } = useTranslation('finish');
  return (
    <Menu.Item leftSection={<IconArrowsExchange size={18} stroke={1.6} />} onClick={() => openOverlay('transfer')} data-testid="transfer">
      {t('transfer.do')}
    </Menu.Item>
  );
}
