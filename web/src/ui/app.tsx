import { useEffect } from 'preact/hooks';
import { t } from '../i18n';
import { linkState, me, open, panel, readOpen, starting, takeOver, toast, unread } from '../state';
import { Contacts } from './contacts';
import { Conversation } from './conversation';
import { Door } from './door';
import { Find } from './find';
import { Groups } from './groups';
import { Profile } from './profile';
import { NewRoom, RoomSettings } from './rooms';
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
    const look = () => void readOpen();
    document.addEventListener('keydown', onKey);
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  const right = panel.value || (open.value !== null ? 'talk' : '');
  return (
    <div class={`desk ${right ? 'shows-right' : ''}`}>
      {linkState.value !== 'online' && <Notice />}
      <Contacts />
      <main class="right" aria-label={t(titles[right] ?? 'messages')}>{shown(panel.value, open.value)}</main>
    </div>
  );
}

const titles: Record<string, string> = { find: 'find_people', settings: 'settings', profile: 'profile', groups: 'edit_groups', new_room: 'new_room', room: 'manage' };

function shown(which: typeof panel.value, number: number | null) {
  switch (which) {
    case 'find': return <Find />;
    case 'settings': return <Settings />;
    case 'profile': return <Profile />;
    case 'groups': return <Groups />;
    case 'new_room': return <NewRoom />;
    case 'room': return number === null ? null : <RoomSettings number={number} />;
    default: return number === null ? <p class="empty">{t('choose_somebody')}</p> : <Conversation key={number} uin={number} />;
  }
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
    const menu = document.querySelector('details.menu[open]');
    if (menu) {
      menu.removeAttribute('open');
      menu.querySelector('summary')?.focus();
    } else if (panel.value) panel.value = '';
    else open.value = null;
    if (open.value === null) document.querySelector<HTMLElement>('.contact')?.focus();
  } else if ((event.ctrlKey || event.metaKey) && event.key === 'k') {
    event.preventDefault();
    document.querySelector<HTMLElement>('#filter')?.focus();
  }
}
