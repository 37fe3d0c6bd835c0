import { useState } from 'preact/hooks';
import { call } from '../net/api';
import { role, tellUser } from './console';
import { attempt, Problem, Table, useApi, when } from './table';

interface Session { uin: number; dialect: string; dialect_version: number; address: string; status: string; invisible?: boolean; idle_seconds: number; restored: boolean; client_tag?: number }

export function Sessions() {
  const [after, setAfter] = useState(0);
  const list = useApi<{ sessions: Session[]; next: number }>(`/api/v1/sessions?after=${after}&limit=100`, 5);
  return (
    <>
      <Problem text={list.error} />
      <Table heads={['Number', 'Address', 'Dialect', 'Client', 'State', 'Idle', '']} empty="Nobody is logged in." rows={(list.value?.sessions ?? []).map((s) => [
        s.uin, s.address, `${s.dialect} ${s.dialect_version || ''}`, s.client_tag ? s.client_tag.toString(16).padStart(8, '0') : '', `${s.status}${s.invisible ? ', invisible' : ''}${s.restored ? ', not heard since the restart' : ''}`,
        idle(s.idle_seconds), <button class="button" onClick={() => void attempt(() => call('DELETE', `/api/v1/sessions/${s.uin}`), tellUser, `${s.uin} is out.`).then(list.reload)}>Kick</button>])} />
      <p class="actions">{after > 0 && <button class="button" onClick={() => setAfter(0)}>First page</button>}{(list.value?.next ?? 0) > 0 && <button class="button" onClick={() => setAfter(list.value!.next)}>More</button>}</p>
    </>
  );
}
const idle = (seconds: number) => (seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`);

interface Listed { room: number; name: string; owner: number; members: number }
export function Rooms() {
  const [after, setAfter] = useState(0);
  const list = useApi<{ rooms: Listed[]; more: boolean }>(`/api/v1/rooms?after=${after}&limit=100`);
  const dismiss = (room: Listed) => {
    if (confirm(`End ${room.name} (${room.room}) for its ${room.members} members?`)) void attempt(() => call('DELETE', `/api/v1/rooms/${room.room}`), tellUser, `${room.room} has ended.`).then(list.reload);
  };
  return (
    <>
      <Problem text={list.error} />
      <Table heads={['Number', 'Name', 'Owner', 'Members', '']} empty="There are no groups." rows={(list.value?.rooms ?? []).map((r) => [
        r.room, r.name, r.owner, r.members, role.value === 'moderator' ? null : <button class="button danger" onClick={() => dismiss(r)}>End</button>])} />
      <p class="actions">{after > 0 && <button class="button" onClick={() => setAfter(0)}>First page</button>}{list.value?.more && <button class="button" onClick={() => setAfter(list.value!.rooms.at(-1)!.room)}>More</button>}</p>
    </>
  );
}

export function Bans() {
  const list = useApi<{ bans: { cidr: string; reason: string; until?: string }[] }>('/api/v1/bans');
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const f = Object.fromEntries(new FormData(form)) as Record<string, string>;
    const until = Number(f.days) ? { until: new Date(Date.now() + Number(f.days) * 86400000).toISOString().slice(0, 19) + 'Z' } : {};
    if (await attempt(() => call('POST', '/api/v1/bans', { cidr: f.cidr, reason: f.reason, ...until }), tellUser, `${f.cidr} is banned.`)) { form.reset(); list.reload(); }
  };
  return (
    <>
      <form class="inline" onSubmit={submit}>
        <label>Addresses<input name="cidr" placeholder="203.0.113.0/24" required /></label>
        <label>Reason<input name="reason" /></label>
        <label>For<select name="days"><option value="1">a day</option><option value="7">a week</option><option value="30">a month</option><option value="0">good</option></select></label>
        <button class="button primary">Ban</button>
      </form>
      <Problem text={list.error} />
      <Table heads={['Addresses', 'Reason', 'Until', '']} empty="Nobody is banned." rows={(list.value?.bans ?? []).map((b) => [b.cidr, b.reason, b.until ? when(b.until) : 'for good',
        <button class="button" onClick={() => void attempt(() => call('DELETE', `/api/v1/bans/${encodeURIComponent(b.cidr)}`), tellUser, 'Lifted.').then(list.reload)}>Lift</button>])} />
    </>
  );
}

export function Broadcast() {
  const [text, setText] = useState('');
  const [preview, setPreview] = useState(false);
  const [done, setDone] = useState('');
  const status = useApi<{ sessions: number }>('/api/v1/status');
  const send = () => attempt(async () => {
    const { sent, missed } = await call<{ sent: number; missed: number }>('POST', '/api/v1/broadcasts', { text });
    setDone(`Sent to ${sent}; ${missed} had a full queue.`);
    setPreview(false);
    setText('');
  }, tellUser, 'Sent.');
  return (
    <>
      <label>Text for everybody who is logged in<textarea rows={5} maxLength={4000} value={text} onInput={(e) => { setText(e.currentTarget.value); setPreview(false); }} /></label>
      <p>{new TextEncoder().encode(text).length} of 4000 bytes. The server sends it shard by shard in small batches, so that other traffic goes on.</p>
      {preview && <section class="box" aria-label="Preview"><h2>As {status.value?.sessions ?? '?'} users will see it</h2><article class="message in"><div class="bubble"><strong class="kind">Message from the administrator</strong><p>{text}</p></div></article></section>}
      <p class="actions">
        <button class="button" disabled={!text.trim()} onClick={() => { status.reload(); setPreview(true); }}>Preview</button>
        <button class="button primary" disabled={!preview} onClick={() => void send()}>Send to all</button>
      </p>
      {done && <p role="status">{done}</p>}
    </>
  );
}

export function Registrations() {
  const mode = useApi<{ mode: string }>('/api/v1/registration');
  const [code, setCode] = useState('');
  const [chosen, setChosen] = useState('');  // until the server has answered
  const choose = (value: string) => {
    setChosen(value);
    void attempt(() => call('PUT', '/api/v1/registration', { mode: value }), tellUser, 'Changed until the next restart; the configuration file says what holds then.').then((ok) => { if (!ok) setChosen(''); });
  };
  const waiting = useApi<{ users: { uin: number; nick: string }[] }>('/api/v1/registrations');
  return (
    <>
      <Problem text={mode.error} />
      <fieldset class="box"><legend>Who may register</legend>
        {[['open', 'Anybody'], ['invite', 'Who has an invitation'], ['approve', 'Anybody; an administrator approves each'], ['closed', 'Nobody']].map(([value, title]) => (
          <label key={value} class="check"><input type="radio" name="mode" checked={(chosen || mode.value?.mode) === value} onChange={() => choose(value)} /> {title}</label>
        ))}
      </fieldset>
      <p class="actions"><button class="button" onClick={() => void attempt(async () => setCode((await call<{ invitation: string }>('POST', '/api/v1/invitations', {})).invitation), tellUser, 'Made.')}>Make an invitation</button>
        {code && <output>Invitation for one account: <code>{code}</code></output>}</p>
      <h2>Waiting for approval</h2>
      <Table heads={['Number', 'Nick', '']} empty="Nobody waits." rows={(waiting.value?.users ?? []).map((u) => [u.uin, u.nick, <span class="actions">
        <button class="button" onClick={() => void attempt(() => call('DELETE', `/api/v1/users/${u.uin}/suspension`), tellUser, `${u.uin} may log in.`).then(waiting.reload)}>Approve</button>
        <button class="button" onClick={() => void attempt(() => call('DELETE', `/api/v1/users/${u.uin}`), tellUser, 'Deleted.').then(waiting.reload)}>Refuse</button></span>])} />
    </>
  );
}

interface Token { id: string; name: string; uin: number; role: string; cookie: boolean; created: string; expires?: string }
export function Tokens() {
  const tokens = useApi<{ tokens: Token[] }>('/api/v1/tokens');
  const roles = useApi<{ roles: { uin: number; role: string }[] }>('/api/v1/roles');
  const [secret, setSecret] = useState('');
  const make = async (event: SubmitEvent) => {
    event.preventDefault();
    const f = Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement)) as Record<string, string>;
    await attempt(async () => setSecret((await call<{ token: string }>('POST', '/api/v1/tokens', { name: f.name, role: f.role })).token), tellUser, 'Made; it is shown only now.');
    tokens.reload();
  };
  const setRole = async (event: SubmitEvent) => {
    event.preventDefault();
    const f = Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement)) as Record<string, string>;
    await attempt(() => call('PUT', `/api/v1/users/${Number(f.uin)}/role`, { role: f.role }), tellUser);
    roles.reload();
  };
  return (
    <>
      <h2>Roles</h2>
      <form class="inline" onSubmit={setRole}><label>Number<input name="uin" inputMode="numeric" required /></label><label>Role<select name="role"><option>user</option><option>moderator</option><option>administrator</option></select></label><button class="button">Set</button></form>
      <Table heads={['Number', 'Role']} rows={(roles.value?.roles ?? []).map((r) => [r.uin, r.role])} />
      <h2>My tokens and browsers</h2>
      <form class="inline" onSubmit={make}><label>Name<input name="name" required placeholder="prometheus" /></label><label>Role<select name="role"><option>user</option><option>moderator</option><option>administrator</option></select></label><button class="button">Make a token</button></form>
      {secret && <p><output>Token: <code>{secret}</code></output></p>}
      <Problem text={tokens.error} />
      <Table heads={['Name', 'Role', 'Made', 'Until', '']} rows={(tokens.value?.tokens ?? []).map((x) => [x.cookie ? 'browser' : x.name, x.role, when(x.created), when(x.expires),
        <button class="button" onClick={() => void attempt(() => call('DELETE', `/api/v1/tokens/${x.id}`), tellUser, 'Revoked.').then(tokens.reload)}>Revoke</button>])} />
    </>
  );
}

export function Trail() {
  const list = useApi<{ rows: { at: string; who: string; what: string; detail: string; status: number }[] }>('/api/v1/audit', 10);
  return (
    <>
      <Problem text={list.error} />
      <Table heads={['When', 'Who', 'What', '', 'Result']} rows={(list.value?.rows ?? []).map((r) => [<span class="whole">{when(r.at)}</span>, <span class="whole">{r.who}</span>, <code>{r.what}</code>, r.detail, r.status])} />
    </>
  );
}
