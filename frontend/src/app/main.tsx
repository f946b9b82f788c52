import './layers.css';
import './mantine.css';
import './app.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startI18n } from '~/shared/i18n';
import { Providers } from './providers';

// A tab that was open during an upgrade asks for files that are gone: load the new app once.
window.addEventListener('vite:preloadError', (event) => {
  if (sessionStorage.getItem('wasl.reloaded') === location.href) return;
  event.preventDefault();
  sessionStorage.setItem('wasl.reloaded', location.href);
  location.reload();
});

const root = document.getElementById('root');
if (root) {
  await startI18n();
  createRoot(root).render(
    <StrictMode>
      <Providers />
    </StrictMode>,
  );
}
