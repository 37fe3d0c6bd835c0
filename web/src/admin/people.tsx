import { useState } from 'preact/hooks';
import { call } from '../net/api';
import { role, tellUser } from './console';
import { attempt, Problem, Table, useApi, when } from './table';

interface Row { uin: number; nick: string; first_name: string; last_name: string; email: string; authorization: string }
interface Details extends Row { created: string; charset: string; qq: boolean; online?: boolean; suspended_until?: string; suspended_reason?: string; kept_messages: number; kept_bytes: number }

const inDays = (days: number) => new Date(Date.now() + days * 86400000).toISOString().slice(0, 19) + 'Z';

/** Moderators look at one account, and suspend it; the rest is for administrators. */
const runsAll = () => role.value !== 'moderator';

export function People() {
  const [after, setAfter] = useState(0);
  const [one, setOne] = useState(0);
  const [words, setWords] = useState('');
  const list = useApi<{ users: Row[]; more: boolean; next: number }>(!runsAll() ? null : `/api/v1/users?after=${after}&limit=50${words ? `&find=${encodeURIComponent(words)}` : ''}`);
  const find = (event: SubmitEvent) => {
    event.preventDefault();
    const wanted = String(new FormData(event.currentTarget as HTMLFormElement).get('number')).trim(), number = /^\d+$/.test(wanted) ? Number(wanted) : 0;
    setWords(number ? '' : wanted);
    setOne(number);
    setAfter(number ? number - 1 : 0);
  };
  return (
    <>
      <form class="inline" onSubmit={find}><label class="long">{runsAll() ? 'Number, nick, name or e-mail' : 'Number'}<input name="number" /></label><button class="button">Find</button></form>
      {runsAll() && <Create made={list.reload} />}
      {one > 0 && <One key={one} uin={one} gone={() => { setOne(0); list.reload(); }} />}
      <Problem text={list.error} />
      {words && <p role="status">{list.value?.users.length ?? '…'} with “{words}”{list.value?.more ? ' so far' : ''}.</p>}
      {runsAll() && <Table heads={['Number', 'Nick', 'Name', 'E-mail', 'May add']} rows={(list.value?.users ?? []).map((u) => [
        <button class="plain" onClick={() => setOne(u.uin)}>{u.uin}</button>, u.nick, `${u.first_name} ${u.last_name}`.trim(), u.email, u.authorization])} />}
      <p class="actions">
        {after > 0 && <button class="button" onClick={() => setAfter(0)}>First page</button>}
        {list.value?.more && <button class="button" onClick={() => setAfter(list.value!.next)}>More</button>}
      </p>
    </>
  );
}

function Create({ made }: { made: () => void }) {
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const data = Object.fromEntries(new FormData(form)) as Record<string, string>;
    let uin = 0;
    const ok = await attempt(async () => {
      ({ uin } = await call<{ uin: number }>('POST', '/api/v1/users', { ...(data.uin ? { uin: Number(data.uin) } : {}), password: data.password, nick: data.nick }));
    }, tellUser);
    if (ok) { tellUser(`Made ${uin}.`); form.reset(); made(); }
  };
  return (
    <details class="box"><summary>New account</summary>
      <form class="inline" onSubmit={submit}>
        <label>Number<input name="uin" inputMode="numeric" placeholder="next free" /></label>
        <label>Nick<input name="nick" /></label>
        <label>Password<input name="password" type="password" autocomplete="new-password" required /></label>
        <button class="button primary">Create</button>
      </form>
    </details>
  );
}

function One({ uin, gone }: { uin: number; gone: () => void }) {
  const user = useApi<Details>(`/api/v1/users/${uin}`);
  const u = user.value;
  if (!u) return <Problem text={user.error} />;
  const act = (work: () => Promise<unknown>, well?: string) => void attempt(work, tellUser, well).then((ok) => { if (ok) user.reload(); });
  const fields = (event: SubmitEvent) => {
    event.preventDefault();
    return Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement)) as Record<string, string>;
  };
  return (
    <section class="box one" aria-label={`Account ${uin}`}>
      <h2>{u.uin} {u.nick} {u.online ? <span class="tag">online</span> : null} {u.suspended_until ? <span class="tag bad">suspended until {when(u.suspended_until)}: {u.suspended_reason}</span> : null}</h2>
      <p>Made {when(u.created)}; {u.kept_messages} messages wait ({u.kept_bytes} bytes).</p>
      {runsAll() && <form class="inline" onSubmit={(e) => { const f = fields(e); act(() => call('PATCH', `/api/v1/users/${uin}`, {
        nick: f.nick, first_name: f.first_name, last_name: f.last_name, email: f.email, authorization: f.authorization, charset: f.charset, ...(Boolean(f.qq) !== u.qq ? { qq: Boolean(f.qq) } : {}) })); }}>
        <label>Nick<input name="nick" value={u.nick} /></label>
        <label>First name<input name="first_name" value={u.first_name} /></label>
        <label>Last name<input name="last_name" value={u.last_name} /></label>
        <label>E-mail<input name="email" value={u.email} /></label>
        <label>Who may add<select name="authorization" value={u.authorization}>{['open', 'required', 'closed'].map((a) => <option key={a}>{a}</option>)}</select></label>
        <label>Charset over ICQ<select name="charset" value={u.charset}>{['cp1252', 'latin1', 'cp1251', 'koi8-r', 'gb18030', 'gbk', 'big5', 'utf8'].map((c) => <option key={c}>{c}</option>)}</select></label>
        <label class="check" title="From the next password on"><input type="checkbox" name="qq" checked={u.qq} /> May log in with QQ</label>
        <button class="button">Save</button>
      </form>}
      <form class="inline" onSubmit={(e) => { const f = fields(e); act(() => call('PUT', `/api/v1/users/${uin}/suspension`, { until: inDays(Number(f.days)), reason: f.reason }), 'Suspended.'); }}>
        <label>Suspend for<select name="days"><option value="1">a day</option><option value="7">a week</option><option value="30">a month</option><option value="36500">good</option></select></label>
        <label>Reason<input name="reason" required /></label>
        <button class="button">Suspend</button>
        {u.suspended_until && <button type="button" class="button" onClick={() => act(() => call('DELETE', `/api/v1/users/${uin}/suspension`), 'Lifted.')}>Lift the suspension</button>}
      </form>
      {runsAll() && <form class="inline" onSubmit={(e) => { const f = fields(e); act(() => call('PUT', `/api/v1/users/${uin}/password`, { password: f.password }), 'The password is set.'); }}>
        <label>New password<input name="password" type="password" autocomplete="new-password" required /></label><button class="button">Set</button>
      </form>}
      <p class="actions">
        <button class="button" onClick={() => act(() => call('DELETE', `/api/v1/sessions/${uin}`), 'Kicked.')} disabled={!u.online}>Kick</button>
        {runsAll() && <button class="button danger" onClick={() => { if (confirm(`Delete ${uin} with everything that is its own?`)) void attempt(() => call('DELETE', `/api/v1/users/${uin}`), tellUser, 'Deleted.').then((ok) => { if (ok) gone(); }); }}>Delete</button>}
        <button class="button" onClick={gone}>Close</button>
      </p>
    </section>
  );
}
