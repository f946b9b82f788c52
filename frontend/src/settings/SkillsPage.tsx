import { ActionIcon, Button, Modal, TextInput } from '@mantine/core';
import { IconPlus, IconSchool, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '~/shared/api/client';
import { invalidate, useSkills } from '~/shared/api/queries';
import type { SkillName } from '~/shared/api/types';
import { Ltr } from '~/shared/ui/Ltr';
import { EmptyState, ErrorRetry, SkeletonRows } from '~/shared/ui/States';
import { toastError } from '~/shared/ui/toast';
import { inDir } from '~/shared/ui/inDir';
import css from './Settings.module.css';
import { skillKey } from './skills';

/** What people can be good at; rules ask for it. */
export function SkillsPage() {
  const { t } = useTranslation(['settings', 'common']);
  const skills = useSkills();
  const [name, setName] = useState('');
  const [leaving, setLeaving] = useState<SkillName | null>(null);
  const attempt = async (make: () => Promise<unknown>) => {
    try {
      await make();
      await invalidate('/api/v1/skills');
    } catch (cause) {
      toastError(cause);
    }
  };
  const add = () =>
    attempt(async () => {
      await api.POST('/api/v1/skills', { body: { key: skillKey(name, (skills.data ?? []).map(({ key }) => key)), name: name.trim() } });
      setName('');
    });
  const remove = ({ key }: SkillName) => attempt(() => api.DELETE('/api/v1/skills/{key}', { params: { path: { key } } }));
  return (
    <>
      <h2 className={css.title}>{t('skills.title')}</h2>
      <p className={css.lead}>{t('skills.lead')}</p>
      <form
        className={css.inline}
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) void add();
        }}
      >
        <TextInput aria-label={t('skills.name')} placeholder={t('skills.name')} {...inDir(name ? 'auto' : undefined)} maxLength={120} value={name} onChange={(event) => setName(event.target.value)} data-testid="skill-name" />
        <Button type="submit" disabled={!name.trim()} leftSection={<IconPlus size={17} />} data-testid="skill-add">
          {t('skills.add')}
        </Button>
      </form>
      {skills.isPending && <SkeletonRows rows={3} height={52} />}
      {skills.isError && <ErrorRetry error={skills.error} retry={() => void skills.refetch()} />}
      {skills.data?.length === 0 && <EmptyState icon={<IconSchool size={28} stroke={1.5} />} title={t('skills.none')} text={t('skills.noneText')} />}
      {!!skills.data?.length && (
        <ul className={css.list}>
          {skills.data.map((skill) => (
            <li key={skill.key} className={css.item} data-testid="skill-row">
              <span className={css.itemText}>
                <strong>
                  <bdi>{skill.name}</bdi>
                </strong>
                <span>
                  <Ltr>{skill.key}</Ltr>
                </span>
              </span>
              <ActionIcon aria-label={t('skills.remove', { name: skill.name })} onClick={() => setLeaving(skill)}>
                <IconTrash size={18} stroke={1.7} />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
      {leaving && (
        <Modal opened onClose={() => setLeaving(null)} title={t('skills.remove', { name: leaving.name })} closeButtonProps={{ 'aria-label': t('common:action.close') }}>
          <p>{t('skills.removeText')}</p>
          <div className={css.actions}>
            <Button
              color="red"
              onClick={() => {
                setLeaving(null);
                void remove(leaving);
              }}
            >
              {t('common:action.delete')}
            </Button>
            <Button variant="default" onClick={() => setLeaving(null)} data-autofocus>
              {t('common:action.cancel')}
            </Button>
          </div>
        </Modal>
      )}
    </>
  );
}
