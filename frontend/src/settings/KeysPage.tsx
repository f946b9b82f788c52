import { ActionIcon, Button } from '@mantine/core';
import { IconRestore, IconX } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { beginsTwo, holderOf, keyOf, keysOf, keyText, useChosenKeys, type Chosen } from '~/shared/actions/keymap';
import { recordable, type Unfit } from './recording';
import { actionIds, actionOf, groups, type ActionId } from '~/shared/actions/registry';
import { api, bodyOf } from '~/shared/api/client';
import type { Macro } from '~/shared/api/types';
import { useMacros } from '~/shared/desk/queries';
import { altKey, modKey } from '~/shared/lib/keyNames';
import { chordOf } from '~/shared/lib/keys';
import { setMe } from '~/shared/realtime/actions';
import { useLive } from '~/shared/realtime/store';
import { toastDone, toastError } from '~/shared/ui/toast';
import css from './Keys.module.css';
import settings from './Settings.module.css';

/** What of a choice differs from the usual keys. */
const differing = (keys: Chosen): Chosen => Object.fromEntries(Object.entries(keys).filter(([id, key]) => id in actionKeys && key !== actionKeys[id]));
const actionKeys: Chosen = Object.fromEntries(actionIds.map((id) => [id, actionOf(id).key ?? '']));

async function saveKeys(keys: Chosen): Promise<boolean> {
  try {
    setMe(await bodyOf(api.PATCH('/api/v1/me', { body: { keys: differing(keys) } })));
    return true;
  } catch (cause) {
    toastError(cause);
    return false;
  }
}

/** What stands in the way of a key. */
type Refusal = { key: string } & ({ unfit: Unfit } | { macro: Macro } | { taken: ActionId });

/** Where the keys of all actions are seen and changed. */
export function KeysPage() {
  const { t } = useTranslation('actions');
  const chosen = useChosenKeys();
  const permissions = useLive((s) => s.me?.permissions) ?? [];
  const [recording, setRecording] = useState<ActionId | null>(null);
  const shown = actionIds.filter((id) => {
    const { may } = actionOf(id);
    return !may || permissions.includes(may);
  });
  return (
    <>
      <div className={settings.titleRow}>
        <h2>{t('keys.title')}</h2>
        <Button variant="default" size="xs" disabled={Object.keys(chosen).length === 0} onClick={() => void saveKeys({})} data-testid="keys-reset-all">
          {t('keys.resetAll')}
        </Button>
      </div>
      <p className={settings.lead}>{t('keys.lead', { alt: altKey })}</p>
      {groups.map((group) => (
        <section key={group} className={settings.group}>
          <h3>{t(`group.${group}`)}</h3>
          <ul className={css.rows}>
            {shown.filter((id) => actionOf(id).group === group).map((id) => (
              <KeyRow key={id} id={id} chosen={chosen} recording={recording === id} record={(on) => setRecording(on ? id : null)} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

interface RowProps {
  id: ActionId;
  chosen: Chosen;
  recording: boolean;
  record: (on: boolean) => void;
}

function KeyRow({ id, chosen, recording, record }: RowProps) {
  const { t } = useTranslation('actions');
  const macros = useMacros().data ?? [];
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const { fixed } = actionOf(id);
  const name = t(`do.${id}`);
  const key = keyOf(id, chosen);
  const save = async (keys: Chosen, said: string) => {
    if (await saveKeys({ ...chosen, ...keys })) toastDone(t('keys.saved', { name, key: said ? keyText(said) : t('keys.none') }));
    setRefusal(null);
    button.current?.focus();
  };
  const take = (next: string) => {
    record(false);
    const unfit = recordable(next, id);
    const macro = macros.find(({ hotkey }) => hotkey === next);
    const taken = holderOf(next, id, chosen);
    if (next === key) return button.current?.focus();
    if (unfit) setRefusal({ key: next, unfit });
    else if (macro) setRefusal({ key: next, macro });
    else if (taken) setRefusal({ key: next, taken });
    else void save({ [id]: next }, next);
    button.current?.focus();
  };
  return (
    <li className={css.row} data-testid={`key-${id}`}>
      <span className={css.name}>{name}</span>
      {fixed ? (
        <span className={css.fixed}>
          <Keys chord={key} /> <small>{t('keys.fixed')}</small>
        </span>
      ) : (
        <span className={css.edit}>
          {recording ? (
            <Recorder done={take} leave={() => record(false)} />
          ) : (
            <button ref={button} type="button" className={css.key} aria-label={`${t('keys.change', { name })}, ${key ? keyText(key) : t('keys.none')}`} onClick={() => { setRefusal(null); record(true); }} data-testid="key-record">
              {key ? <Keys chord={key} /> : <small>{t('keys.none')}</small>}
            </button>
          )}
          <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('keys.remove', { name })} title={t('keys.remove', { name })} disabled={!key} onClick={() => void save({ [id]: '' }, '')} data-testid="key-remove">
            <IconX size={15} />
          </ActionIcon>
          <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('keys.reset', { name })} title={t('keys.reset', { name })} disabled={key === actionKeys[id]} onClick={() => take(actionKeys[id] ?? '')} data-testid="key-reset">
            <IconRestore size={15} />
          </ActionIcon>
        </span>
      )}
      {refusal && <Refused refusal={refusal} swap={(other) => void save({ [id]: refusal.key, [other]: key }, refusal.key)} />}
    </li>
  );
}

/** Why the key is not taken, and the way out where there is one. */
function Refused({ refusal, swap }: { refusal: Refusal; swap: (other: ActionId) => void }) {
  const { t } = useTranslation('actions');
  const key = keyText(refusal.key);
  if ('taken' in refusal) {
    return (
      <p className={css.refused} role="alert">
        {t('keys.taken', { key, name: t(`do.${refusal.taken}`) })}{' '}
        {!actionOf(refusal.taken).fixed && <Button size="compact-xs" variant="default" onClick={() => swap(refusal.taken)} data-testid="key-swap">{t('keys.swap')}</Button>}
      </p>
    );
  }
  return (
    <p className={css.refused} role="alert">
      {'macro' in refusal ? t('keys.macro', { key, name: refusal.macro.name }) : t(`keys.${refusal.unfit}`, { mod: modKey, alt: altKey })}
    </p>
  );
}

function Keys({ chord }: { chord: string }) {
  return (
    <bdi dir="ltr" className={css.keys}>
      {keysOf(chord).map((key, i) => (
        <kbd key={`${key} ${i}`}>{key}</kbd>
      ))}
    </bdi>
  );
}

/** For how long the second of two keys is waited for, in ms. */
const within = 1500;

const holds = /^(Control|Shift|Alt|Meta)/;

/** Hears the next key, or the next two where the first one begins two; nothing else hears them meanwhile. */
function Recorder({ done, leave }: { done: (chord: string) => void; leave: () => void }) {
  const { t } = useTranslation('actions');
  const [first, setFirst] = useState('');
  const box = useRef<HTMLSpanElement>(null);
  const latest = useRef({ done, leave, first });
  useEffect(() => {
    latest.current = { done, leave, first };
  });
  useEffect(() => box.current?.focus(), []);
  useEffect(() => {
    if (!first) return;
    const timer = setTimeout(() => latest.current.done(first), within);
    return () => clearTimeout(timer);
  }, [first]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.isComposing || holds.test(event.code)) return;
      event.preventDefault();
      event.stopPropagation();
      const chord = chordOf(event);
      if (chord === 'Escape' || chord === 'Tab') latest.current.leave();
      else if (latest.current.first) latest.current.done(`${latest.current.first} ${chord}`);
      else if (beginsTwo(chord)) setFirst(chord);
      else latest.current.done(chord);
    };
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, []);
  return (
    <span ref={box} tabIndex={-1} role="status" className={css.recording} data-testid="key-recording">
      {first ? t('keys.second', { key: keyText(first) }) : t('keys.press')}
    </span>
  );
}
