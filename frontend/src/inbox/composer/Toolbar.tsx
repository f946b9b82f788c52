import { ActionIcon } from '@mantine/core';
import {
  IconAddressBook, IconBold, IconCode, IconDotsVertical, IconItalic, IconListDetails, IconMapPin, IconMicrophone, IconMoodSmile, IconPaperclip, IconStrikethrough, IconTemplate,
} from '@tabler/icons-react';
import { useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useActions } from '~/shared/actions/actions';
import { useHint } from '~/shared/actions/keymap';
import type { ActionId } from '~/shared/actions/registry';
import { Floating } from '~/shared/ui/Floating';
import { Menu } from '~/shared/ui/Menu';
import css from './Composer.module.css';
import type { DialogName } from './dialogs/Dialogs';
import type { FormatMark } from './format';
import { EmojiPicker } from './LazyEmojiPicker';
import { formatSelection, insertText } from './TextInput';
import type { ComposerState } from './useComposer';

interface ToolProps {
  /** The action that it is, whose key stands in its hint. */
  action?: ActionId;
  label: string;
  onClick: () => void;
  disabled?: boolean;
  testId?: string;
  children: ReactNode;
}

function Tool({ action, label, onClick, disabled, testId, children }: ToolProps) {
  const hint = useHint();
  return (
    <ActionIcon aria-label={label} title={action ? hint(label, action) : label} disabled={disabled} onClick={onClick} data-testid={testId}
      // Pressing a tool must not take the caret away from the text.
      onMouseDown={(e) => e.preventDefault()}
    >
      {children}
    </ActionIcon>
  );
}

const formats: [FormatMark, 'bold' | 'italic' | 'strike' | 'mono', typeof IconBold][] = [
  ['*', 'bold', IconBold], ['_', 'italic', IconItalic], ['~', 'strike', IconStrikethrough], ['```', 'mono', IconCode],
];

function EmojiTool({ disabled }: { disabled: boolean }) {
  const { t } = useTranslation('composer');
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const hint = useHint();
  useActions({ emoji: !disabled && (() => setOpen(true)) });
  return (
    <>
      <ActionIcon ref={button} aria-label={t('tool.emoji')} title={hint(t('tool.emoji'), 'emoji')} aria-expanded={open} disabled={disabled} onClick={() => setOpen(!open)} data-testid="composer-emoji">
        <IconMoodSmile size={19} stroke={1.7} />
      </ActionIcon>
      {open && (
        <Floating role="dialog" button={button} position="top-start" close={() => setOpen(false)}>
          <EmojiPicker
            onPick={(emoji) => {
              setOpen(false);
              insertText(emoji);
            }}
          />
        </Floating>
      )}
    </>
  );
}

interface Props {
  composer: ComposerState;
  record: () => void;
  openDialog: (name: DialogName) => void;
}

/** What can be put into a message, as far as the channel takes it. */
export function Toolbar({ composer, record, openDialog }: Props) {
  const { t } = useTranslation('composer');
  const picker = useRef<HTMLInputElement>(null);
  const { capabilities, draft, closed, attach } = composer;
  const note = draft.mode === 'note';
  const media = capabilities?.media ?? [];
  const formatted = note || capabilities?.format === 'whatsapp' || capabilities?.mail === true;
  const voice = media.some((r) => r.kind === 'voice' || r.kind === 'audio');
  const templates = !note && capabilities?.templates === true;
  useActions({
    attach: media.length > 0 && !closed && (() => picker.current?.click()),
    voice: voice && !closed && record,
    template: templates && (() => openDialog('template')),
  });
  const more = !note && (capabilities?.interactive || capabilities?.location || capabilities?.contacts);
  return (
    <div className={css.tools} role="toolbar" aria-label={t('tool.label')}>
      {formatted && (
        <span className={css.formats}>
          {formats.map(([mark, name, Icon]) => (
            <Tool key={mark} action={name} label={t(`tool.${name}`)} disabled={closed} onClick={() => formatSelection(mark)}>
              <Icon size={18} stroke={1.8} />
            </Tool>
          ))}
        </span>
      )}
      <EmojiTool disabled={closed} />
      {media.length > 0 && (
        <>
          <Tool action="attach" label={t('tool.attach')} disabled={closed} testId="composer-attach" onClick={() => picker.current?.click()}>
            <IconPaperclip size={19} stroke={1.7} />
          </Tool>
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            data-testid="composer-file"
            onChange={(e) => {
              attach([...(e.target.files ?? [])]);
              e.target.value = '';
            }}
          />
        </>
      )}
      {voice && (
        <Tool action="voice" label={t('tool.voice')} disabled={closed} testId="composer-voice" onClick={record}>
          <IconMicrophone size={19} stroke={1.7} />
        </Tool>
      )}
      {templates && (
        <Tool action="template" label={t('tool.template')} testId="template-open" onClick={() => openDialog('template')}>
          <IconTemplate size={19} stroke={1.7} />
        </Tool>
      )}
      {more && (
        <Menu position="top-start">
          <Menu.Target>
            <ActionIcon aria-label={t('tool.more')} title={t('tool.more')} disabled={closed} data-testid="composer-more">
              <IconDotsVertical size={18} stroke={1.7} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {capabilities?.interactive && <Menu.Item leftSection={<IconListDetails size={17} />} onClick={() => openDialog('interactive')} data-testid="interactive-open">{t('tool.interactive')}</Menu.Item>}
            {capabilities?.location && <Menu.Item leftSection={<IconMapPin size={17} />} onClick={() => openDialog('location')} data-testid="location-open">{t('tool.location')}</Menu.Item>}
            {capabilities?.contacts && <Menu.Item leftSection={<IconAddressBook size={17} />} onClick={() => openDialog('contact')} data-testid="contact-open">{t('tool.contact')}</Menu.Item>}
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}
