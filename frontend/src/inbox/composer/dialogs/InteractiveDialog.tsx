import { ActionIcon, Button, SegmentedControl, Textarea, TextInput, type TextInputProps } from '@mantine/core';
import { IconPlus, IconSend, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChannel } from '~/shared/api/queries';
import { formatNumber } from '~/shared/i18n/format';
import { sendMessage } from '~/shared/realtime/outbox';
import { inDir } from '~/shared/ui/inDir';
import { OutgoingChoices } from '../../thread/content/Choices';
import { FormattedText } from '../../thread/format/FormattedText';
import { lengthOf } from '../checks';
import { choicesProblems, emptyChoices, interactiveOf, kindsOf, rowCount, type ChoicesDraft, type ChoicesProblem } from './choices';
import css from './Dialogs.module.css';
import type { DialogProps } from './Dialogs';

interface FieldProps extends Omit<TextInputProps, 'onChange'> {
  value: string;
  max: number;
  problem?: ChoicesProblem;
  tried: boolean;
  onText: (text: string) => void;
}

/** A field that counts against its limit and says what is wrong once sending was tried, or at once when it is too long. */
function Field({ value, max, problem, tried, onText, ...props }: FieldProps) {
  const { t } = useTranslation(['composer', 'more']);
  return (
    <TextInput
      {...props}
      value={value}
      {...inDir(props.dir ?? (value ? 'auto' : undefined))}
      rightSection={max > 0 && value ? <small dir="ltr">{formatNumber(max - lengthOf(value))}</small> : undefined}
      error={problem && (tried || problem === 'long' || problem === 'repeated') ? t(`more:choices.problem.${problem}`) : undefined}
      onChange={(e) => onText(e.target.value)}
    />
  );
}

interface PartProps {
  draft: ChoicesDraft;
  change: (fields: Partial<ChoicesDraft>) => void;
  problems: Record<string, ChoicesProblem>;
  tried: boolean;
  limit: number;
  titleMax: number;
}

function Buttons({ draft, change, problems, tried, limit, titleMax }: PartProps) {
  const { t } = useTranslation(['composer', 'more']);
  return (
    <>
      {draft.buttons.map((title, i) => (
        <div key={i} className={css.row}>
          <Field value={title} max={titleMax} problem={problems[`button.${i}`]} tried={tried} placeholder={t('more:choices.button', { number: i + 1 })} aria-label={t('more:choices.button', { number: i + 1 })} onText={(text) => change({ buttons: draft.buttons.with(i, text) })} data-testid={`choices-button-${i}`} />
          {draft.buttons.length > 1 && (
            <ActionIcon size={36} aria-label={t('more:choices.remove')} onClick={() => change({ buttons: draft.buttons.toSpliced(i, 1) })}><IconX size={16} /></ActionIcon>
          )}
        </div>
      ))}
      {draft.buttons.length < limit && (
        <Button variant="subtle" size="xs" style={{ alignSelf: 'flex-start' }} leftSection={<IconPlus size={14} />} onClick={() => change({ buttons: [...draft.buttons, ''] })}>{t('more:choices.addButton')}</Button>
      )}
    </>
  );
}

function Sections({ draft, change, problems, tried, limit, titleMax, textMax, sectionMax }: PartProps & { textMax: number; sectionMax: number }) {
  const { t } = useTranslation(['composer', 'more']);
  const full = rowCount(draft) >= limit;
  const setSection = (s: number, fields: Partial<ChoicesDraft['sections'][number]>) => change({ sections: draft.sections.map((section, i) => (i === s ? { ...section, ...fields } : section)) });
  return (
    <>
      {draft.sections.map((section, s) => (
        <div key={s} className={css.section}>
          {draft.sections.length > 1 && <Field value={section.title} max={sectionMax} problem={problems[`section.${s}`]} tried={tried} placeholder={t('more:choices.section')} aria-label={t('more:choices.section')} onText={(title) => setSection(s, { title })} />}
          {section.rows.map((row, r) => (
            <div key={r} className={css.row}>
              <div className={css.column} style={{ gap: 4 }}>
                <Field value={row.title} max={titleMax} problem={problems[`row.${s}.${r}`]} tried={tried} placeholder={t('more:choices.row')} aria-label={t('more:choices.row')} onText={(title) => setSection(s, { rows: section.rows.with(r, { ...row, title }) })} />
                <Field size="xs" value={row.text} max={textMax} problem={problems[`text.${s}.${r}`]} tried={tried} placeholder={t('more:choices.rowText')} aria-label={t('more:choices.rowText')} onText={(text) => setSection(s, { rows: section.rows.with(r, { ...row, text }) })} />
              </div>
              {rowCount(draft) > 1 && (
                <ActionIcon
                  size={36}
                  aria-label={t('more:choices.remove')}
                  onClick={() => change({ sections: draft.sections.map((x, i) => (i === s ? { ...x, rows: x.rows.toSpliced(r, 1) } : x)).filter((x) => x.rows.length > 0) })}
                >
                  <IconX size={16} />
                </ActionIcon>
              )}
            </div>
          ))}
          {!full && <Button variant="subtle" size="xs" style={{ alignSelf: 'flex-start' }} leftSection={<IconPlus size={14} />} onClick={() => setSection(s, { rows: [...section.rows, { title: '', text: '' }] })}>{t('more:choices.addRow')}</Button>}
        </div>
      ))}
      {!full && <Button variant="subtle" size="xs" style={{ alignSelf: 'flex-start' }} leftSection={<IconPlus size={14} />} onClick={() => change({ sections: [...draft.sections, { title: '', rows: [{ title: '', text: '' }] }] })}>{t('more:choices.addSection')}</Button>}
      <small style={{ color: 'var(--ink-2)' }}>{t('more:choices.rows', { count: rowCount(draft), max: limit })}</small>
    </>
  );
}

/** A message with buttons, a list, a link or a request for the place. */
export default function InteractiveDialog({ conversation, close }: DialogProps) {
  const { t } = useTranslation(['composer', 'more']);
  const rules = useChannel(conversation.channel_id)?.capabilities.interactive;
  const [draft, setDraft] = useState(emptyChoices);
  const [tried, setTried] = useState(false);
  if (!rules) return null;
  const problems = choicesProblems(draft, rules);
  const change = (fields: Partial<ChoicesDraft>) => setDraft({ ...draft, ...fields });
  const interactive = interactiveOf(draft);
  const part = { draft, change, problems, tried };
  const text = (name: 'header' | 'footer' | 'label', max: number) => (
    <Field label={t(`more:choices.${name}`)} value={draft[name]} max={max} problem={problems[name]} tried={tried} onText={(value) => change({ [name]: value })} data-testid={`choices-${name}`} />
  );
  return (
    <form
      className={css.columns}
      onSubmit={(e) => {
        e.preventDefault();
        setTried(true);
        if (Object.keys(problems).length > 0) return;
        sendMessage(conversation, { type: 'interactive', text: draft.body.trim(), interactive });
        close();
      }}
    >
      <div className={`${css.column} ${css.scroll}`}>
        <SegmentedControl
          fullWidth
          value={draft.kind}
          onChange={(kind) => change({ kind })}
          data={kindsOf(rules).map((value) => ({ value, label: t(`more:choices.kind.${value}`) }))}
        />
        {draft.kind !== 'location_request' && rules.header_max > 0 && text('header', rules.header_max)}
        <Textarea
          data-autofocus
          label={t('more:choices.body')}
          autosize
          minRows={2}
          maxRows={6}
          {...inDir(draft.body ? 'auto' : undefined)}
          value={draft.body}
          description={lengthOf(draft.body) > rules.body_max * 0.85 ? `${formatNumber(lengthOf(draft.body))} / ${formatNumber(rules.body_max)}` : undefined}
          error={problems.body && (tried || problems.body === 'long') ? t(`more:choices.problem.${problems.body}`) : undefined}
          onChange={(e) => change({ body: e.target.value })}
          data-testid="choices-body"
        />
        {draft.kind === 'buttons' && <Buttons {...part} limit={rules.buttons} titleMax={rules.button_title_max} />}
        {(draft.kind === 'list' || draft.kind === 'link') && text('label', rules.button_title_max)}
        {draft.kind === 'link' && <Field label={t('more:choices.url')} dir="ltr" placeholder="https://" value={draft.url} max={0} problem={problems.url} tried={tried} onText={(url) => change({ url })} />}
        {draft.kind === 'list' && <Sections {...part} limit={rules.rows} titleMax={rules.row_title_max} textMax={rules.row_text_max} sectionMax={rules.section_title_max} />}
        {draft.kind !== 'location_request' && rules.footer_max > 0 && text('footer', rules.footer_max)}
      </div>
      <div className={css.column}>
        <div className={css.phone} aria-label={t('template.preview')}>
          <div className={css.bubble} data-testid="choices-preview">
            {interactive.header && <strong dir="auto">{interactive.header}</strong>}
            <FormattedText text={draft.body || t('more:choices.body')} format="whatsapp" />
            {interactive.footer && <small dir="auto" style={{ color: 'var(--ink-2)' }}>{interactive.footer}</small>}
            <OutgoingChoices interactive={interactive} />
          </div>
        </div>
        <div className={css.foot}>
          <Button variant="default" onClick={close}>{t('cancel')}</Button>
          <Button type="submit" rightSection={<IconSend size={16} className="mirror" />} data-testid="choices-send">{t('send')}</Button>
        </div>
      </div>
    </form>
  );
}
