import './layers.css';
import './mantine.css';
import './app.css';
import './touch.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startI18n } from '~/shared/i18n';
import { Providers } from './providers';

// A tab that was open during an upgrade asks for files that are gone: load the new app once. Where it is only the line that is gone, the page stays.
window.addEventListener('vite:preloadError', (event) => {
  if (!navigator.onLine || sessionStorage.getItem('wasl.reloaded') === location.href) return;
  event.preventDefault();
  const reload = ({ ok }: Response) => {
    if (!ok) return;
    sessionStorage.setItem('wasl.reloaded', location.href);
    location.reload();
  };
  void fetch('/', { method: 'HEAD', cache: 'no-store' }).then(reload, () => undefined);
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
