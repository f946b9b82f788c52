import { IconAlertCircleFilled, IconCheck, IconChecks, IconClock, IconHelpCircle } from '@tabler/icons-react';
import type { MessageStatus } from '~/shared/api/types';

/** How far an own message got, as one small sign. It is not mirrored: ticks look the same in every direction. */
export function Ticks({ status, label, size = 15 }: { status: MessageStatus; label: string; size?: number }) {
  const icon = (() => {
    switch (status) {
      case 'scheduled':
      case 'queued':
      case 'sending':
        return <IconClock size={size} stroke={1.8} color="var(--tick)" />;
      case 'sent':
        return <IconCheck size={size} stroke={2} color="var(--tick)" />;
      case 'delivered':
        return <IconChecks size={size} stroke={2} color="var(--tick)" />;
      case 'read':
        return <IconChecks size={size} stroke={2} color="var(--tick-read)" />;
      case 'failed':
        return <IconAlertCircleFilled size={size} color="var(--danger)" />;
      case 'unknown':
        return <IconHelpCircle size={size} stroke={1.8} color="var(--warn)" />;
      case 'received':
      case 'canceled':
        return null;
    }
  })();
  return icon && (
    <span role="img" aria-label={label} title={label} style={{ display: 'inline-flex', flex: 'none' }}>
      {icon}
    </span>
  );
}
