import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconCheck, IconLanguage, IconMoon, IconSun } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useActions } from '~/shared/actions/actions';
import { isLanguage, languages, setLanguage } from '~/shared/i18n';
import { Menu } from './Menu';

export function LanguageMenu() {
  const { t, i18n } = useTranslation();
  return (
    <Menu position="top-start">
      <Menu.Target>
        <ActionIcon aria-label={t('nav.language')} title={t('nav.language')} data-testid="language-menu">
          <IconLanguage size={20} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {Object.entries(languages).map(([code, { name }]) => (
          <Menu.Item
            key={code}
            lang={code}
            rightSection={i18n.language === code ? <IconCheck size={16} /> : null}
            onClick={() => isLanguage(code) && void setLanguage(code)}
            data-testid={`language-${code}`}
          >
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function ThemeToggle() {
  const { t } = useTranslation();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const toggle = () => setColorScheme(scheme === 'dark' ? 'light' : 'dark');
  useActions({ theme: toggle });
  const Icon = scheme === 'dark' ? IconSun : IconMoon;
  return (
    <ActionIcon
      aria-label={t('nav.theme')}
      title={t('nav.theme')}
      onClick={toggle}
      data-testid="theme-toggle"
    >
      <Icon size={20} stroke={1.6} />
    </ActionIcon>
  );
}
