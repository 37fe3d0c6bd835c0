import { useState } from 'preact/hooks';
import { Flower } from '../art/flower';
import { t } from '../i18n';
import type { Frame } from '../net/link';
import { addContact, ask, contacts, isRoom, me, openConversation, panel, profileOf, say, type Status } from '../state';
import { Panel } from './panel';
import { RoomCard } from './rooms';

interface Found { uin: number; nick: string; first_name?: string; last_name?: string; email?: string; authorization?: string; status?: Status; city?: string; province?: string }

const cardsIn = (frames: Frame[]): Found[] => frames.flatMap((f) => (f.users as Found[] | undefined) ?? []);

/** What only a search takes: the rest is looked up. */
function conditions(form: Record<string, string>): object[] {
  const where: object[] = [];
  if (form.city) where.push({ field: 'city', is: 'like', value: `%${form.city}%` });
  if (form.age_from || form.age_to) where.push({ field: 'age', is: 'between', value: [Number(form.age_from || 1), Number(form.age_to || 120)] });
  if (form.online) where.push({ field: 'online', is: 'equal', value: 1 });
  return where;
}

export function Find() {
  const [found, setFound] = useState<Found[] | null>(null);
  const [more, setMore] = useState(false);
  const [busy, setBusy] = useState(false);
  const [room, setRoom] = useState(0);
  const show = (list: Found[], isMore: boolean) => {
    setFound(list);
    setMore(isMore);
    setBusy(false);
  };
  const search = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement)) as Record<string, string>;
    const number = Number((form.number ?? '').replace(/\D/g, ''));
    setRoom(isRoom(number) ? number : 0);
    if (isRoom(number)) return show([], false);
    setBusy(true);
    const where = conditions(form);
    if (!number && where.length) {
      const frames = await ask({ op: 'search', where: [...where, ...(form.nick ? [{ field: 'nickname', is: 'like', value: `%${form.nick}%` }] : [])], limit: 50 }, (f) => f.op === 'users' && !f.continues);
      return show(cardsIn(frames), frames.some((f) => f.more === true));
    }
    const wanted = number ? { uin: number } : { nick: form.nick, first_name: form.first_name, last_name: form.last_name, email: form.email };
    const frames = await ask({ op: 'find', ...wanted }, (f) => f.op === 'found_end');
    // Single finds come without the number of the question; they are in order before its end.
    show(frames.filter((f) => f.op === 'found') as unknown as Found[], frames.some((f) => f.op === 'found_end' && f.more === true));
  };
  const browse = async () => {
    setBusy(true);
    setRoom(0);
    const frames = await ask({ op: 'browse', start: 0, count: 50 }, (f) => f.op === 'users' && !f.continues);
    show(cardsIn(frames), frames.some((f) => f.more === true));
  };
  return (
    <Panel title={t('find_people')}>
      <form class="grid" onSubmit={search} aria-label={t('search')}>
        <label>{t('number')}<input name="number" inputMode="numeric" autofocus /></label>
        <label>{t('nick')}<input name="nick" /></label>
        <label>{t('first_name')}<input name="first_name" /></label>
        <label>{t('last_name')}<input name="last_name" /></label>
        <label>{t('email')}<input name="email" inputMode="email" /></label>
        <label>{t('city')}<input name="city" maxLength={60} /></label>
        <fieldset class="ages"><legend>{t('age')}</legend>
          <input name="age_from" inputMode="numeric" pattern="[0-9]*" maxLength={3} aria-label={t('age_from')} placeholder={t('age_from')} /><span aria-hidden="true">–</span><input name="age_to" inputMode="numeric" pattern="[0-9]*" maxLength={3} aria-label={t('age_to')} placeholder={t('age_to')} />
        </fieldset>
        <label class="check"><input type="checkbox" name="online" /> {t('only_online')}</label>
        <p class="actions"><button class="button primary" disabled={busy}>{t('search')}</button> <button type="button" class="button" disabled={busy} onClick={() => void browse()}>{t('who_is_online')}</button></p>
      </form>
      <div aria-live="polite">
        {room > 0 && <div class="found"><RoomCard key={room} number={room} /></div>}
        {found && found.length === 0 && !room && <p class="empty">{t('nobody_found')}</p>}
        {found && found.length > 0 && <ul class="found">{found.map((one) => <li key={one.uin}><Person one={one} /></li>)}</ul>}
        {more && <p>{t('more_found')}</p>}
      </div>
    </Panel>
  );
}

function Person({ one }: { one: Found }) {
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const full = [one.first_name, one.last_name].filter(Boolean).join(' ');
  const place = [one.city, one.province].filter(Boolean).join(', ');
  const listed = contacts.value.get(one.uin)?.listed, own = one.uin === me.value!.uin;
  const add = async () => {
    let { authorization } = one;
    if (!authorization) {
      // Lists of many don't say whom one has to ask.
      const frames = await ask({ op: 'find', uin: one.uin }, (f) => f.op === 'found_end');
      authorization = frames.find((f) => f.op === 'found')?.authorization as string | undefined;
    }
    if (authorization === 'closed') return say(t('accepts_nobody'));
    if (authorization === 'required' && !asking) return setAsking(true);
    setAsking(false);
    await addContact(one.uin, one.nick, authorization ?? 'open', reason);
  };
  return (
    <div class="person">
      <Flower status={one.status ?? 'offline'} size={22} label={one.status ? t(one.status) : undefined} />
      <div class="who">
        <b>{one.nick || one.uin}</b> <span class="uin">{one.uin}</span>
        {(full || one.email || place) && <span class="detail">{[full, one.email, place].filter(Boolean).join(' · ')}</span>}
        {one.authorization === 'required' && <span class="detail">{t('needs_permission')}</span>}
        {one.authorization === 'closed' && <span class="detail">{t('accepts_nobody')}</span>}
        {asking && <form onSubmit={(e) => { e.preventDefault(); void add(); }}><input aria-label={t('ask_reason')} placeholder={t('ask_reason')} value={reason} maxLength={200} autofocus onInput={(e) => setReason(e.currentTarget.value)} /></form>}
      </div>
      {!own && !listed && one.authorization !== 'closed' && <button class="button" onClick={() => void add()}>{t('add')}</button>}
      {!own && <button class="button" onClick={() => void openConversation(one.uin)}>{t('write')}</button>}
      <button class="button" onClick={() => { profileOf.value = one.uin; panel.value = 'profile'; }}>{t('profile')}</button>
    </div>
  );
}
