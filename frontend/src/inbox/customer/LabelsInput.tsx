import { Pill, TagsInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '~/shared/api/types';
import { LabelName, useLabelNames } from '~/shared/desk/Labels';
import { setLabels } from '../changes';

/** Labels are written or chosen from those that are known. */
export function LabelsInput({ conversation, close }: { conversation: Conversation; close: () => void }) {
  const { t } = useTranslation('inbox');
  const known = useLabelNames();
  return (
    <TagsInput
      autoFocus
      aria-label={t('customer.labels')}
      placeholder={conversation.labels.length ? '' : t('customer.addLabel')}
      size="xs"
      data={known}
      renderOption={({ option }) => <LabelName name={option.value} />}
      renderPill={({ value, onRemove }) => <Pill withRemoveButton onRemove={onRemove}><LabelName name={String(value)} /></Pill>}
      maxLength={40}
      value={conversation.labels}
      onChange={(labels) => void setLabels(conversation.id, labels)}
      onBlur={close}
      data-testid="conversation-labels"
    />
  );
}
