// The console for administrators and moderators. English: it speaks the words of the API and of the documentation.
import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import * as api from '../net/api';
import { Flower } from '../art/flower';
import { Overview } from './overview';
import { People } from './people';
import { Bans, Broadcast, Registrations, Rooms, Sessions, Tokens, Trail } from './pages';
import { Packets } from './packets';

export const notice = signal('');
/** What whoever looks may do. */
export const role = signal<api.Role>('nobody');
export function tellUser(text: string): void {
  notice.value = text;
  window.setTimeout(() => { if (notice.value === text) notice.value = ''; }, 6000);
}

const pages: Record<string, { title: string; role: api.Role; view: () => preact.JSX.Element }> = {
  overview: { title: 'Overview', role: 'moderator', view: Overview },
  users: { title: 'Users', role: 'moderator', view: People },
  sessions: { title: 'Sessions', role: 'moderator', view: Sessions },
  groups: { title: 'Groups', role: 'moderator', view: Rooms },
  bans: { title: 'Bans', role: 'moderator', view: Bans },
  broadcast: { title: 'Broadcast', role: 'administrator', view: Broadcast },
  registrations: { title: 'Registrations', role: 'administrator', view: Registrations },
  tokens: { title: 'Tokens and roles', role: 'administrator', view: Tokens },
  packets: { title: 'Packets', role: 'administrator', view: Packets },
  audit: { title: 'Audit log', role: 'administrator', view: Trail },
};

export function Console() {
  const [me, setMe] = useState<api.Me | null | undefined>(undefined);
  const [page, setPage] = useState(location.hash.slice(1) || 'overview');
  useEffect(() => {
    void api.whoAmI().then(setMe, () => setMe(null));
    const turn = () => setPage(location.hash.slice(1) || 'overview');
    addEventListener('hashchange', turn);
    return () => removeEventListener('hashchange', turn);
  }, []);
  if (me === undefined) return null;
  if (!me || me.role === 'user') return <Door key={String(Boolean(me))} refused={Boolean(me)} enter={setMe} />;
  role.value = me.role;
  const may = Object.entries(pages).filter(([, p]) => p.role === 'moderator' || me.role === 'administrator');
  const shown = may.find(([name]) => name === page)?.[1] ?? may[0][1];
  const View = shown.view;
  return (
    <div class="console">
      <nav class="window" aria-label="Console">
        <p class="title"><Flower status="online" size={20} /><b>uhoh console</b></p>
        <ul>{may.map(([name, p]) => <li key={name}><a href={`#${name}`} aria-current={p === shown ? 'page' : undefined}>{p.title}</a></li>)}</ul>
        <p class="who">{me.uin} · {me.role}<br /><a href="/">Messages</a> · <button class="plain" onClick={() => void api.logOut().then(() => setMe(null))}>Log out</button></p>
      </nav>
      <main class="window"><header class="title"><h1>{shown.title}</h1></header><div class="panel-body"><View /></div></main>
      <div class="toast" role="status" aria-live="polite">{notice.value && <span>{notice.value}</span>}</div>
    </div>
  );
}

function Door({ refused, enter }: { refused: boolean; enter: (me: api.Me) => void }) {
  const [error, setError] = useState(refused ? 'This account is neither a moderator nor an administrator. "uhohctl user role NUMBER administrator" makes it one.' : '');
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    try {
      enter(await api.logIn(Number(form.get('number')), String(form.get('password'))));
    } catch (wrong) {
      setError((wrong as Error).message);
    }
  };
  return (
    <div class="door"><div class="door-box window">
      <h1 class="logo"><Flower status="online" size={40} /> console</h1>
      <form onSubmit={submit}>
        <label>Number<input name="number" inputMode="numeric" autocomplete="username" required autofocus /></label>
        <label>Password<input name="password" type="password" autocomplete="current-password" required /></label>
        {error && <p class="error" role="alert">{error}</p>}
        <button class="button primary">Log in</button>
      </form>
    </div></div>
  );
}
