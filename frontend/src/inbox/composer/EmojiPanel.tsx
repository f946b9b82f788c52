import { EmojiPicker, type EmojiPickerListComponents } from 'frimousse';
import { useTranslation } from 'react-i18next';
import css from './EmojiPanel.module.css';

const parts: Partial<EmojiPickerListComponents> = {
  CategoryHeader: ({ category, ...props }) => <div {...props} className={css.category}>{category.label}</div>,
  Row: ({ children, ...props }) => <div {...props} className={css.row}>{children}</div>,
  Emoji: ({ emoji, ...props }) => <button {...props} type="button" className={css.emoji} title={emoji.label}>{emoji.emoji}</button>,
};

/** The picker knows neither Hebrew nor Arabic: each language has its own address, and calls itself English there. */
export default function EmojiPanel({ onPick }: { onPick: (emoji: string) => void }) {
  const { t, i18n } = useTranslation(['composer', 'common']);
  return (
    <EmojiPicker.Root className={css.root} locale="en" emojibaseUrl={`/emoji/${i18n.language}`} columns={8} onEmojiSelect={({ emoji }) => onPick(emoji)}>
      <EmojiPicker.Search className={css.search} placeholder={t('emoji.search')} aria-label={t('emoji.search')} autoFocus dir="auto" />
      <EmojiPicker.Viewport className={css.viewport}>
        <EmojiPicker.Loading className={css.message}>{t('common:state.loading')}</EmojiPicker.Loading>
        <EmojiPicker.Empty className={css.message}>{t('emoji.none')}</EmojiPicker.Empty>
        <EmojiPicker.List className={css.list} components={parts} />
      </EmojiPicker.Viewport>
    </EmojiPicker.Root>
  );
}
