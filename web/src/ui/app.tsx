import { useEffect } from 'preact/hooks';
import { t } from '../i18n';
import { linkState, me, open, panel, starting, takeOver, toast, unread } from '../state';
import { Contacts } from './contacts';
import { Conversation } from './conversation';
import { Door } from './door';
import { Find } from './find';
import { Profile } from './profile';
import { Settings } from './settings';

export function App() {
  const count = unread.value;
  useEffect(() => { document.title = count ? `(${count}) uhoh` : 'uhoh'; }, [count]);
  if (starting.value) return null;
  return (
    <>
      {me.value ? <Desk /> : <Door />}
      <div class="toast" role="status" aria-live="polite">{toast.value && <span>{toast.value}</span>}</div>
    </>
  );
}

/** List and conversation side by side; on a phone one of them. */
function Desk() {
  useEffect(() => {
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  const right = panel.value || (open.value !== null ? 'talk' : '');
  return (
    <div class={`desk ${right ? 'shows-right' : ''}`}>
      {linkState.value !== 'online' && <Notice />}
      <Contacts />
      <main class="right" aria-label={t(right === 'talk' || !right ? 'contacts' : right === 'find' ? 'find_people' : right)}>
        {panel.value === 'find' ? <Find /> : panel.value === 'settings' ? <Settings /> : panel.value === 'profile' ? <Profile />
          : open.value !== null ? <Conversation key={open.value} uin={open.value} /> : <p class="empty">{t('choose_somebody')}</p>}
      </main>
    </div>
  );
}

function Notice() {
  const state = linkState.value;
  return (
    <div class={`notice is-${state}`} role="status">
      {t(state === 'connecting' ? 'connecting' : state === 'elsewhere' ? 'elsewhere' : 'no_connection')}
      {state === 'elsewhere' && <button class="button" onClick={takeOver}>{t('use_here')}</button>}
    </div>
  );
}

function onKey(event: KeyboardEvent): void {
  if (event.key === 'Escape') {
    if (panel.value) panel.value = '';
    else open.value = null;
    if (open.value === null) document.querySelector<HTMLElement>('.contact')?.focus();
  } else if ((event.ctrlKey || event.metaKey) && event.key === 'k') {
    event.preventDefault();
    document.querySelector<HTMLElement>('#filter')?.focus();
  }
}
