// Group chats: making one, running one, who is in it.
import { useEffect, useState } from 'preact/hooks';
import { Bouquet, Flower } from '../art/flower';
import { t } from '../i18n';
import {
  askToJoin, changeMembers, changeRoom, createRoom, type Joining, joinRoom, leaveRoom, loadRoom, type Member, roleIn, type Room, type RoomFields, rooms, runs,
  setRole, statusIn,
} from '../rooms';
import { contacts, isRoom, me, nameOf, open, openConversation, panel, profileOf, say, systemNumber } from '../state';
import { Panel } from './panel';

const joinings: Joining[] = ['open', 'ask', 'closed'];

function Fields({ room }: { room?: Room }) {
  return (
    <>
      <label>{t('room_name')}<input name="name" value={room?.name ?? ''} maxLength={30} required autofocus={!room} /></label>
      <label>{t('room_joining')}
        <select name="joining" value={room?.joining ?? 'ask'}>{joinings.map((j) => <option key={j} value={j}>{t(`joining_${j}`)}</option>)}</select>
      </label>
      <label class="wide">{t('room_notice')}<textarea name="notice" rows={2} maxLength={250}>{room?.notice ?? ''}</textarea></label>
      <label class="wide">{t('room_description')}<textarea name="description" rows={2} maxLength={250}>{room?.description ?? ''}</textarea></label>
    </>
  );
}

/** Contacts to choose from, and numbers of others. */
function Choice({ title, but }: { title: string; but: Set<number> }) {
  const people = [...contacts.value.values()].filter((c) => c.listed && !isRoom(c.uin) && c.uin !== systemNumber && !but.has(c.uin));
  return (
    <fieldset class="choice wide"><legend>{title}</legend>
      {people.sort((a, b) => nameOf(a.uin).localeCompare(nameOf(b.uin))).map((c) => (
        <label key={c.uin} class="check"><input type="checkbox" name="member" value={c.uin} /> {nameOf(c.uin)} <span class="uin">{c.uin}</span></label>
      ))}
      <label class="wide">{t('other_people')}<input name="others" inputMode="numeric" placeholder="10001, 10002" /></label>
    </fieldset>
  );
}
const chosen = (form: FormData): number[] =>
  [...new Set([...form.getAll('member').map(Number), ...String(form.get('others') ?? '').split(/[^0-9]+/).map(Number)])].filter((n) => n >= 1000 && !isRoom(n));
const fieldsOf = (form: FormData): RoomFields =>
  ({ name: String(form.get('name')).trim(), notice: String(form.get('notice')).trim(), description: String(form.get('description')).trim(), joining: form.get('joining') as Joining });

export function NewRoom() {
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    await createRoom(fieldsOf(form), chosen(form));
    setBusy(false);
  };
  return (
    <Panel title={t('new_room')} mark={<Bouquet size={22} />}>
      <p class="hint">{t('room_hint')}</p>
      <form class="grid" onSubmit={submit} aria-label={t('new_room')}>
        <Fields />
        <Choice title={t('room_members')} but={new Set([me.value!.uin])} />
        <p class="actions"><button class="button primary" disabled={busy}>{t('make_room')}</button></p>
      </form>
    </Panel>
  );
}

/** For those who run it: what it tells of itself, and who is invited. */
export function RoomSettings({ number }: { number: number }) {
  const room = rooms.value.get(number);
  useEffect(() => { void loadRoom(number); }, [number]);
  if (!room) return null;
  const edit = (event: SubmitEvent) => {
    event.preventDefault();
    void changeRoom(number, fieldsOf(new FormData(event.currentTarget as HTMLFormElement)));
  };
  const invite = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const list = chosen(new FormData(form));
    if (list.length && (await changeMembers(number, list, true))) { form.reset(); panel.value = ''; }
  };
  return (
    <Panel title={room.name} mark={<Bouquet size={22} />} detail={<span class="own-number">{number}</span>}>
      {runs(number) && <form class="grid" onSubmit={edit} aria-label={t('settings')}><Fields key={room.name} room={room} /><p class="actions"><button class="button primary">{t('save')}</button></p></form>}
      {runs(number) && <form class="grid" onSubmit={invite} aria-label={t('invite')}><Choice title={t('invite')} but={new Set(room.members.map((m) => m.uin))} /><p class="actions"><button class="button">{t('invite')}</button></p></form>}
      {roleIn(number) === 'owner' && <p class="actions"><button class="button danger" onClick={() => { if (confirm(t('sure_dismiss'))) void leaveRoom(number, true); }}>{t('dismiss')}</button></p>}
    </Panel>
  );
}

/** A room that one finds by its number. */
export function RoomCard({ number }: { number: number }) {
  const [room, setRoom] = useState<Room | null | undefined>(undefined);
  const [asking, setAsking] = useState(false);
  useEffect(() => { void loadRoom(number).then((found) => setRoom(found ?? null)); }, [number]);
  if (room === undefined) return null;
  if (room === null) return <p class="empty">{t('room_result_no_room')}</p>;
  const join = async () => { if ((await joinRoom(number)) === 'ask') setAsking(true); };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (await askToJoin(number, String(new FormData(event.currentTarget as HTMLFormElement).get('reason')))) setAsking(false);
  };
  return (
    <div class="person">
      <Bouquet size={24} />
      <div class="who"><b>{room.name}</b> <span class="uin">{number}</span>
        {room.description && <span class="detail">{room.description}</span>}
        <span class="detail">{t(`joining_${room.joining}`)}</span>
        {asking && <form class="line" onSubmit={submit}><input name="reason" aria-label={t('ask_reason')} placeholder={t('ask_reason')} maxLength={200} autofocus /><button class="button">{t('send')}</button></form>}
      </div>
      {room.member ? <button class="button" onClick={() => void openConversation(number)}>{t('open_it')}</button>
        : room.joining !== 'closed' && !asking && <button class="button" onClick={() => void join()}>{t('join')}</button>}
    </div>
  );
}

const weight = { owner: 0, administrator: 1, member: 2 };

/** Beside the conversation: what the room tells of itself, and its members. */
export function RoomSide({ number }: { number: number }) {
  useEffect(() => {
    void loadRoom(number);
    const timer = window.setInterval(() => { if (document.visibilityState === 'visible') void loadRoom(number); }, 30_000);
    return () => clearInterval(timer);
  }, [number]);
  const room = rooms.value.get(number);
  if (!room?.member) return null;
  const away = (m: Member) => (statusIn(m) === 'offline' ? 1 : 0);
  const members = [...room.members].sort((a, b) => weight[a.role] - weight[b.role] || away(a) - away(b) || a.nick.localeCompare(b.nick));
  const here = members.filter((m) => !away(m)).length;
  return (
    <aside class="room-side" aria-label={t('room_members')}>
      {room.notice && <section><h2>{t('room_notice')}</h2><p class="room-text">{room.notice}</p></section>}
      {room.description && <section><h2>{t('room_description')}</h2><p class="room-text">{room.description}</p></section>}
      <section><h2>{t('room_members')} <span class="count">{here}/{members.length}</span></h2>
        <ul>{members.map((m) => <li key={m.uin}><MemberRow room={number} member={m} /></li>)}</ul>
      </section>
      <p class="uin">{t('number')} {number}</p>
      <p class="actions">
        {runs(number) && <button class="button" onClick={() => { panel.value = 'room'; }}>{t('manage')}</button>}
        {roleIn(number) !== 'owner' && <button class="button" onClick={() => { if (confirm(t('sure'))) void leaveRoom(number); }}>{t('leave')}</button>}
      </p>
    </aside>
  );
}

function MemberRow({ room, member: m }: { room: number; member: Member }) {
  const own = m.uin === me.value!.uin, status = statusIn(m);
  const mayRemove = !own && runs(room) && (roleIn(room) === 'owner' ? m.role !== 'owner' : m.role === 'member');
  const name = m.nick || String(m.uin);
  const act = (work: () => void) => (event: Event) => { (event.currentTarget as HTMLElement).closest('details')?.removeAttribute('open'); work(); };
  return (
    <details class="member menu">
      <summary>
        <Flower status={status} size={18} /><span class="name">{name}</span><span class="hidden">, {t(status)}</span>
        {m.role !== 'member' && <span class={`role is-${m.role}`} title={t(`role_${m.role}`)}><span aria-hidden="true">{m.role === 'owner' ? '★' : '☆'}</span><span class="hidden">{t(`role_${m.role}`)}</span></span>}
      </summary>
      <div class="menu-items window">
        <p class="uin">{m.uin}</p>
        {!own && <button onClick={act(() => void openConversation(m.uin))}>{t('write')}</button>}
        <button onClick={act(() => { profileOf.value = m.uin; panel.value = 'profile'; })}>{t('profile')}</button>
        {!own && roleIn(room) === 'owner' && <button onClick={act(() => void setRole(room, m.uin, m.role === 'member'))}>{t(m.role === 'member' ? 'make_administrator' : 'make_member')}</button>}
        {mayRemove && <button onClick={act(() => { if (confirm(t('sure'))) void changeMembers(room, [m.uin], false); })}>{t('put_out')}</button>}
      </div>
    </details>
  );
}

/** Instead of the field to write in, for who is no member. */
export function NotIn({ number }: { number: number }) {
  const join = async () => { if ((await joinRoom(number)) === 'ask') await askToJoin(number, ''); };
  return (
    <p class="not-in"><span>{t('room_result_not_allowed')}</span>
      <button class="button" onClick={() => void join().catch((wrong: Error) => say(String(wrong)))}>{t('join')}</button>
      <button class="button" onClick={() => { open.value = null; }}>{t('close')}</button>
    </p>
  );
}
