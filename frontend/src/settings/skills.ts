import { useTranslation } from 'react-i18next';
import { useSkills } from '~/shared/api/queries';
import { languages } from '~/shared/i18n';

/** The key of a new skill: what of its name is Latin, else a number, and none that there is already. */
export function skillKey(name: string, taken: string[]): string {
  const plain = name.normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 50);
  const base = plain || 'skill';
  for (let n = 1; ; n++) {
    const key = n === 1 && plain ? base : `${base}-${n}`;
    if (!taken.includes(key)) return key;
  }
}

/** All that a person can be asked to be good at: the workspace's skills, and the languages. */
export function useSkillChoices(): { value: string; label: string }[] {
  const { t } = useTranslation('settings');
  const skills = useSkills().data ?? [];
  return [
    ...skills.map(({ key, name }) => ({ value: key, label: name })),
    ...Object.entries(languages).map(([code, { name }]) => ({ value: `lang:${code}`, label: t('skills.language', { name }) })),
  ];
}
