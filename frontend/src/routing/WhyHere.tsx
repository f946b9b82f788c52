import { IconChevronDown } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { loadWords } from '~/shared/i18n';
import type { Conversation } from '~/shared/api/types';
import { useActions } from '~/shared/actions/actions';
import { useHint } from '~/shared/actions/keymap';
import { storedChoice } from '~/shared/lib/stored';
import css from './WhyHere.module.css';

const Reasons = lazy(async () => ({ default: (await Promise.all([import('./Reasons'), loadWords('more')]))[0].Reasons }));

/** Who likes to know has it open in every conversation; nobody else asks the gateway for it. */
const [useShown, setShown] = storedChoice('wasl.why', false);

/** Why a conversation is where it is, folded until somebody asks. */
export function WhyHere({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation('inbox');
  const navigate = useNavigate();
  const shown = useShown();
  const hint = useHint();
  useActions({
    why: () => {
      setShown(!shown);
      if (!shown) void navigate({ to: '.', search: (s) => ({ ...s, pane: 'customer' }) });
    },
  });
  return (
    <section className={css.section}>
      <h3>
        <button type="button" className={css.fold} aria-expanded={shown} title={hint(t('why.title'), 'why')} onClick={() => setShown(!shown)} data-testid="why">
          {t('why.title')}
          <IconChevronDown size={16} stroke={1.8} aria-hidden />
        </button>
      </h3>
      {shown && (
        <Suspense>
          <Reasons conversation={conversation} />
        </Suspense>
      )}
    </section>
  );
}
